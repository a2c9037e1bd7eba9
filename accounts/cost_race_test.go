//go:build race

package accounts

// The race detector makes each hash some twenty times as dear, and the tests make thousands: here they are cheap. Without it
// they cost what they do in earnest.
func init() {
	newCost = cost{memory: 256, passes: 1, lanes: 1}
	decoy = phc(newCost, make([]byte, saltLen), make([]byte, keyLen))
}
