package graph

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"channelbook/graph/generated"
)

// Operations are the operations that clients are held to.
type Operations struct {
	canonical map[string]bool
	byHash    map[string]string // queries that can be asked for by the SHA-256 of their text
}

// LoadOperations reads the clients' documents: a file, or all *.graphql files of a folder and the folders in it. An
// operation may spread fragments of any of them, those of its own file first. Each operation has to be valid, and within
// the limits of what may be sent; the error names file and line of all that are not.
func LoadOperations(path string) (*Operations, error) {
	files, err := documentFiles(path)
	if err != nil {
		return nil, err
	}
	var docs []*ast.QueryDocument
	ops := &Operations{canonical: map[string]bool{}, byHash: map[string]string{}}
	var wrong []error
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		doc, err := parser.ParseQuery(&ast.Source{Name: file, Input: string(text)})
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		docs = append(docs, doc)
		if len(doc.Operations) == 1 { // such a file may be what is sent, as it is
			ops.know(string(text))
			ops.know(strings.TrimSpace(string(text)))
		}
	}
	for _, doc := range docs {
		for _, op := range doc.Operations {
			if err := ops.allow(op, append([]*ast.QueryDocument{doc}, docs...)); err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	if len(wrong) == 0 && len(ops.canonical) == 0 {
		wrong = append(wrong, fmt.Errorf("%s: there is no operation", path))
	}
	return ops, errors.Join(wrong...)
}

// documentFiles are the files at path, in their order.
func documentFiles(path string) (files []string, err error) {
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (file == path || filepath.Ext(file) == ".graphql") {
			files = append(files, file)
		}
		return err
	})
	return files, err
}

// allow adds an operation and the fragments that it spreads.
func (o *Operations) allow(op *ast.OperationDefinition, docs []*ast.QueryDocument) error {
	alone := withFragments(op, func(name string) *ast.FragmentDefinition {
		for _, doc := range docs {
			if f := doc.Fragments.ForName(name); f != nil {
				return f
			}
		}
		return nil
	})
	text := printed(alone)
	_, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, maxTokens)
	if err == nil {
		if tooMuch := checkDocument(alone); tooMuch != nil {
			err = tooMuch
		}
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %s: %w", op.Position.Src.Name, op.Position.Line, op.Name, err)
	}
	var wrong []error
	for _, fault := range validator.ValidateWithRulesWithSources(generated.NewExecutableSchema(generated.Config{}).Schema(), alone, validationRules()) {
		at := op.Position
		place := fmt.Sprintf("%s:%d", at.Src.Name, at.Line)
		if len(fault.Locations) > 0 && fault.Locations[0].Source != nil {
			place = fmt.Sprintf("%s:%d", fault.Locations[0].Source.Name, fault.Locations[0].Line)
		}
		wrong = append(wrong, fmt.Errorf("%s: %s: %s", place, op.Name, fault.Message))
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	o.know(text)
	o.canonical[canonical(alone)] = true
	return nil
}

// know keeps a text, to be asked for by its hash.
func (o *Operations) know(text string) {
	sum := sha256.Sum256([]byte(text))
	o.byHash[hex.EncodeToString(sum[:])] = text
}

// withFragments is an operation with the fragments that it spreads, however deep.
func withFragments(op *ast.OperationDefinition, find func(name string) *ast.FragmentDefinition) *ast.QueryDocument {
	alone := &ast.QueryDocument{Operations: ast.OperationList{op}}
	var add func(ast.SelectionSet)
	add = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				add(s.SelectionSet)
			case *ast.InlineFragment:
				add(s.SelectionSet)
			case *ast.FragmentSpread:
				if f := find(s.Name); f != nil && alone.Fragments.ForName(s.Name) == nil {
					alone.Fragments = append(alone.Fragments, f)
					add(f.SelectionSet)
				}
			}
		}
	}
	add(op.SelectionSet)
	return alone
}

// canonical is the same for all ways to write an operation with its fragments: however it is spaced, commented and
// described, whatever order its fragments stand in, and wherever a client has put __typename in for its cache.
func canonical(alone *ast.QueryDocument) string {
	bare := &ast.QueryDocument{}
	for _, op := range alone.Operations {
		bared := *op
		bared.Description, bared.SelectionSet = "", withoutTypenames(op.SelectionSet)
		bare.Operations = append(bare.Operations, &bared)
	}
	for _, f := range alone.Fragments {
		bared := *f
		bared.Description, bared.SelectionSet = "", withoutTypenames(f.SelectionSet)
		bare.Fragments = append(bare.Fragments, &bared)
	}
	slices.SortFunc(bare.Fragments, func(a, b *ast.FragmentDefinition) int { return cmp.Compare(a.Name, b.Name) })
	return printed(bare)
}

func withoutTypenames(set ast.SelectionSet) (bare ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == "__typename" && s.Alias == s.Name && len(s.Directives) == 0 {
				continue
			}
			bared := *s
			bared.SelectionSet = withoutTypenames(s.SelectionSet)
			bare = append(bare, &bared)
		case *ast.InlineFragment:
			bared := *s
			bared.SelectionSet = withoutTypenames(s.SelectionSet)
			bare = append(bare, &bared)
		default:
			bare = append(bare, s)
		}
	}
	return bare
}

func printed(doc *ast.QueryDocument) string {
	var text strings.Builder
	formatter.NewFormatter(&text).FormatQueryDocument(doc)
	return text.String()
}

// onlyAllowed refuses operations that are not on the list.
type onlyAllowed struct{ operations *Operations }

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = onlyAllowed{}

// ExtensionName for gqlgen.
func (onlyAllowed) ExtensionName() string { return "OnlyAllowedOperations" }

// Validate for gqlgen.
func (onlyAllowed) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses what is not on the list.
func (a onlyAllowed) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation == nil || a.operations.canonical[canonical(withFragments(op.Operation, op.Doc.Fragments.ForName))] {
		return nil
	}
	err := gqlerror.Errorf("This server executes the operations of its clients only, and this is none of them.")
	errcode.Set(err, codeForbidden)
	return err
}
