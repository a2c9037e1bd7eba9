package accounts

// Derivations is how often a password was hashed in this process.
func Derivations() int64 { return derivations.Load() }

// TooCommon is the check against common passwords.
func TooCommon(password, login string) bool { return tooCommon(password, login) }
