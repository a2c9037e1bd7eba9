package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretName finds names of what is compared in constant time, by hmac.Equal or subtle.ConstantTimeCompare: how long == takes tells how
// far a guess was right.
var secretName = regexp.MustCompile(`(?i)(secret|token|password|signature|fingerprint|print|digest|hash|mac|totp|otp|apikey|recoverycode)s?$`)

// compared are the places that compare such a thing otherwise all the same, and why that tells nobody anything.
var compared = map[string]string{
	"accounts/common.go: strings.Repeat(password[:n], len(password) / n) == password":                        "of a password with itself",
	"accounts/common.go: u != password":                                                                      "of a password with itself",
	"accounts/signin.go: now.PasswordHash == read.PasswordHash":                                              "both come from the base, once the password has been checked",
	"graph/persisted.go: hex.EncodeToString(sum[:]) != hash":                                                 "of a query that is sent with it",
	"internal/album/album.go: current.Digest == p.Digest":                                                    "of a picture, and its ETag",
	"personaldata/consent/publish.go: row.Hash == Hash(t.Text)":                                              "of a published text",
	"personaldata/audit/verify.go: bytes.Equal(linkHash(v.end.Hash, place, s.link.RecordHash), s.link.Hash)": ofTheChain,
	"personaldata/audit/verify.go: bytes.Equal(right, here.Hash)":                                            ofTheChain,
	"personaldata/audit/verify.go: bytes.Equal(right, other.Hash)":                                           ofTheChain,
	"personaldata/audit/verify.go: bytes.Equal(sum, s.link.RecordHash)":                                      ofTheChain,
}

const ofTheChain = "hashes of the chain are no secret: the log shows them, and the MAC of the head holds them"

// TestSecretsAreComparedInConstantTime reads all code but tests and what is generated. It knows a secret by its name alone, so a new
// one is to be called what it is.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil || ast.IsGenerated(file) {
			return err
		}
		for _, c := range comparisons(file) {
			found[filepath.ToSlash(path)+": "+c] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Sorted(maps.Keys(found)) {
		if compared[c] == "" {
			t.Errorf("%s: compare it by hmac.Equal, or say in this test why not", c)
		}
	}
	for c := range compared {
		if !found[c] {
			t.Errorf("%s is not there any more: take it off the list", c)
		}
	}
}

func TestAComparisonOfSecretsIsFound(t *testing.T) {
	for source, want := range map[string]int{
		`a.Secret == b`: 1, `b != string(in.token)`: 1, `bytes.Equal(sum, hash())`: 1, `strings.EqualFold(signature, x)`: 1, `string(row.MAC[:]) == x`: 1, `slices.Equal(x, prints[id])`: 1,
		`secret == nil`: 0, `token != ""`: 0, `len(secret) == 3`: 0, `hmac.Equal(mac, x)`: 0, `tokens.Count == 3`: 0, `maxTokens == n`: 1, `kind == KindHash`: 1,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar _ = "+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := comparisons(file); len(got) != want {
			t.Errorf("%s: got %q, want %d", source, got, want)
		}
	}
}

// comparisons are those of secrets in a file that take as long as they are right.
func comparisons(file *ast.File) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && oneIsSecret(n.X, n.Y) {
				found = append(found, fmt.Sprint(types.ExprString(n.X), " ", n.Op, " ", types.ExprString(n.Y)))
			}
		case *ast.CallExpr:
			switch called := types.ExprString(n.Fun); called {
			case "bytes.Equal", "bytes.Compare", "strings.EqualFold", "strings.Compare", "slices.Equal", "reflect.DeepEqual":
				if oneIsSecret(n.Args[0], n.Args[1]) {
					found = append(found, called+"("+types.ExprString(n.Args[0])+", "+types.ExprString(n.Args[1])+")")
				}
			}
		}
		return true
	})
	return found
}

// oneIsSecret: what is compared with a constant of the program's own is compared with no secret.
func oneIsSecret(x, y ast.Expr) bool {
	return !isConstant(x) && !isConstant(y) && (secretName.MatchString(nameOf(x)) || secretName.MatchString(nameOf(y)))
}

func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	}
	return false
}

// nameOf what an expression gives, through conversions, indexes and slices.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if conversion := types.ExprString(e.Fun); len(e.Args) == 1 && (conversion == "string" || conversion == "[]byte") {
			return nameOf(e.Args[0])
		}
		return nameOf(e.Fun)
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.SliceExpr:
		return nameOf(e.X)
	case *ast.StarExpr:
		return nameOf(e.X)
	case *ast.ParenExpr:
		return nameOf(e.X)
	}
	return ""
}
