package accounts

// Derivations is how often a password was hashed in this process.
func Derivations() int64 { return derivations.Load() }
