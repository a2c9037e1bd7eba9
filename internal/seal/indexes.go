package seal

// Indexes is Index under each of the keys, the current one first. Two instances in the middle of a rotation differ in
// which key is the current one, but have all of these in common: for what they must agree on at any moment, such as locks.
func (k Keys) Indexes(purpose, value string) [][]byte {
	all := make([][]byte, len(k.keys))
	for i, one := range k.keys {
		all[i] = one.index(purpose, value)
	}
	return all
}
