package leads_test

import (
	"fmt"
	"testing"

	"channelbook/internal/dbtest"
)

func BenchmarkTmp(b *testing.B) {
	bk := newBook(b, dbtest.SQLite(b))
	bk.distributors(5)
	source := bk.source()
	for n := 0; b.Loop(); n++ {
		in := anna(n)
		in.Email = fmt.Sprintf("a%d@example.ru", n)
		in.ExternalID = fmt.Sprint("x", n)
		in.IP = "203.0.113.7"
		in.Consent = consent()
		bk.accept(source, in)
	}
}
