package accounts

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// What authenticator apps take for granted (RFC 6238): HMAC-SHA-1, six digits, a step of 30 seconds.
var codeForm = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

const (
	stepSeconds = 30
	// drift is how many steps a phone's clock may be off, either way.
	drift  = 1
	issuer = "Channelbook"
)

// SecondFactorSetup is a secret that has just been made, to be put into an authenticator app. It is shown this once.
type SecondFactorSetup struct {
	Secret string // in base32, to be typed
	URI    string // otpauth://…, to be scanned
}

// newSecondFactor makes a secret of 160 bits.
func newSecondFactor(login string) (SecondFactorSetup, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: login, Period: stepSeconds, Digits: codeForm.Digits, Algorithm: codeForm.Algorithm,
	})
	if err != nil {
		return SecondFactorSetup{}, fmt.Errorf("make a secret for codes: %w", err)
	}
	return SecondFactorSetup{Secret: key.Secret(), URI: key.URL()}, nil
}

// stepOf is the time step whose code these digits are, the latest where there are two; right is false where they are none
// of the present step's and those beside it.
func stepOf(secret, digits string, now time.Time) (step int64, right bool, err error) {
	present := now.Unix() / stepSeconds
	for at := present - drift; at <= present+drift; at++ {
		same, err := hotp.ValidateCustom(digits, uint64(at), secret, codeForm) // #nosec G115 -- seconds since 1970; it compares in constant time
		if err != nil {
			return 0, false, fmt.Errorf("compare a code: %w", err)
		}
		if same {
			step, right = at, true
		}
	}
	return step, right, nil
}

var (
	sixDigits    = regexp.MustCompile(`^[0-9]{6}$`)
	recoveryForm = regexp.MustCompile(`^[a-z2-7]{16}$`)
)

// typed is a code without what makes it easier to read: spaces, dashes and capitals.
func typed(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, code)
}

const recoveryCodes = 10

// newRecoveryCode makes a code of 80 random bits, in groups that can be read out.
func newRecoveryCode() string {
	text := strings.ToLower(rand.Text())
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16]
}
