package model

import (
	"github.com/shopspring/decimal"

	"channelbook/internal/fault"
)

// kopecksPerRouble is by how many digits the point moves.
const kopecksPerRouble = 2

// Roubles is a sum kept in kopecks.
func Roubles(kopecks int64) *Money {
	return &Money{Amount: Amount(kopecks), Currency: CurrencyCodeRub}
}

// Amount is kopecks as roubles with two decimals.
func Amount(kopecks int64) decimal.Decimal { return decimal.New(kopecks, -kopecksPerRouble) }

// maxKopecks is ten trillion roubles: far beyond a sale, far below what int64 holds.
var maxKopecks = decimal.New(1, 15)

// Kopecks reads a sum of roubles; nil stays nil. The fault names field.
func Kopecks(roubles *decimal.Decimal, field string) (*int64, error) {
	if roubles == nil {
		return nil, nil
	}
	shifted := roubles.Shift(kopecksPerRouble)
	switch {
	case !shifted.IsInteger():
		return nil, fault.Coded(fault.Invalid, "INVALID_AMOUNT", field, "A sum has at most two decimals.")
	case shifted.Abs().GreaterThan(maxKopecks):
		return nil, fault.Coded(fault.Invalid, "INVALID_AMOUNT", field, "The sum is too large.")
	}
	kopecks := shifted.IntPart()
	return &kopecks, nil
}
