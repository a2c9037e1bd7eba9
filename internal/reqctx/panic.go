package reqctx

import (
	"fmt"
	"runtime"
)

// Panic is what the log says of a panic: the sentence of the runtime's own, and of any other its type alone. The value may hold
// what somebody has sent; where it came from says the stack.
func Panic(reason any) string {
	if err, ok := reason.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", reason)
}
