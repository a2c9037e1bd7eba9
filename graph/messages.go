package graph

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// maxMessage is how long a sentence about a document may get; names in it may be as long as the document.
const maxMessage = 300

// presentGraphQL leaves the parser's and the validator's sentences: without suggestions, which would tell the schema to
// somebody who may not read it, and without the values that were sent, which may be somebody's phone.
func presentGraphQL(e *gqlerror.Error) {
	code, _ := e.Extensions["code"].(string)
	switch {
	case code == "":
		e.Extensions["code"] = codeBadRequest
	case code == errcode.ParseFailed:
		e.Message = withoutLiterals(e.Message)
	case strings.HasPrefix(e.Rule, "ValuesOfCorrectType"):
		e.Message = withoutValue(e.Message)
	case len(e.Path) > 0 && e.Path[0] == ast.PathName("variable"):
		e.Message, e.Path = aboutVariable(e.Message), ownNames(e.Path)
	case strings.HasPrefix(e.Message, "operation ") && strings.HasSuffix(e.Message, " not found"):
		e.Message = "The document has no operation of this name."
	}
	e.Message, _, _ = strings.Cut(e.Message, " Did you mean")
	if len(e.Message) > maxMessage {
		e.Message = strings.ToValidUTF8(e.Message[:maxMessage], "") + "…"
	}
	if !utf8.ValidString(e.Message) {
		e.Message = strings.ToValidUTF8(e.Message, "")
	}
}

// literal is a token in a sentence of the parser's that may be somebody's data; a name is not.
var literal = regexp.MustCompile(`(?s)\b(String|BlockString|Int|Float|Comment) ".*`)

func withoutLiterals(message string) string {
	message, _, _ = strings.Cut(message, " escape sequence: ") // the rest of the document follows
	return literal.ReplaceAllString(message, "$1")
}

// missingValue is what the validator says of a value in a document, before it quotes it.
var missingValue = regexp.MustCompile(`(?s)( value: |, found ).*`)

func withoutValue(message string) string {
	if strings.HasPrefix(message, `Value "`) {
		_, enum, _ := strings.Cut(message, `" does not exist in `)
		return "This value does not exist in " + enum
	}
	return missingValue.ReplaceAllString(message, " this value.")
}

// saidOfVariables are the sentences about variables that hold no value.
var saidOfVariables = regexp.MustCompile(`^(must be defined|cannot be null|unknown field|must be a \w+, not a \w+|cannot use \w+ as \w+|enums must be ints or strings)$`)

func aboutVariable(message string) string {
	if saidOfVariables.MatchString(message) {
		return message
	}
	return "This value is not of the type that is asked for."
}

// graphqlName is what the member of an input can be called.
var graphqlName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]{0,63}$`)

// ownNames leaves a path as far as it goes by names: a member may be called anything, also a phone.
func ownNames(path ast.Path) ast.Path {
	for i, part := range path {
		if name, ok := part.(ast.PathName); ok && !graphqlName.MatchString(string(name)) {
			return path[:i]
		}
	}
	return path
}

// isAboutArguments tells an argument that could not be read, before any resolver ran: its error quotes what was sent.
func isAboutArguments(ctx context.Context, err error) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && field.Args == nil && field.Field.Field != nil && field.Field.Definition != nil &&
		len(field.Field.Definition.Arguments) > 0 && !errors.As(err, new(panicked))
}

// panicked is a panic of ours.
type panicked struct{ error }
