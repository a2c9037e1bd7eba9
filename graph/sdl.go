package graph

import (
	"bytes"

	"github.com/vektah/gqlparser/v2/formatter"

	"channelbook/graph/generated"
)

// SDL is the schema as it is served, without what every GraphQL schema has.
func SDL() []byte {
	var out bytes.Buffer
	formatter.NewFormatter(&out, formatter.WithIndent("  ")).
		FormatSchema(generated.NewExecutableSchema(generated.Config{}).Schema())
	return out.Bytes()
}
