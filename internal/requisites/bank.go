package requisites

import "strings"

const (
	bikLength     = 9
	accountLength = 20
	keyPlace      = 8 // of an account's control key: its ninth digit
)

// BIK checks the code of a bank in Russia: 9 digits that begin with 04. The next two are the region, the next two the
// division of the Bank of Russia that serves the bank, the last three the bank itself. It has no check digit: the
// accounts' control keys are computed with it. Codes of the Treasury, which begin with other digits, are not taken: it
// keeps no account of a distributor.
//
// Source: Regulation of the Bank of Russia of 24.09.2020 732-P on its payment system; the structure as introduced by
// its letter of 19.08.1996 17-1-7/457.
func BIK(s string) error {
	switch {
	case !isNumber(s, bikLength):
		return Wrong("A BIK has 9 digits.")
	case !strings.HasPrefix(s, "04"):
		return Wrong("The BIK of a bank in Russia begins with 04.")
	}
	return nil
}

// Account checks the form of a settlement account: 20 digits, not those of a bank's own correspondent account.
// Whether it is one in a certain bank tells AccountIn.
//
// Source: Regulation of the Bank of Russia of 24.11.2022 809-P, annex 1: the plan of accounts and the numbers' structure.
func Account(s string) error {
	switch {
	case !isNumber(s, accountLength):
		return Wrong("An account has 20 digits.")
	case strings.HasPrefix(s, correspondent):
		return Wrong("This is a bank's correspondent account: here goes the account of the company.")
	}
	return nil
}

// correspondent begins the accounts that banks have with the Bank of Russia (30101, and 30103 of other institutions).
const correspondent = "301"

// CorrespondentAccount checks the form of the account that a bank has with the Bank of Russia: 20 digits from 301.
func CorrespondentAccount(s string) error {
	switch {
	case !isNumber(s, accountLength):
		return Wrong("A correspondent account has 20 digits.")
	case !strings.HasPrefix(s, correspondent):
		return Wrong("The correspondent account of a bank begins with 301.")
	}
	return nil
}

// AccountIn checks a settlement account against its bank by the control key. Both have passed the checks of their own.
//
// Source: the Bank of Russia's procedure for control keys of accounts, 08.09.1997 515.
func AccountIn(account, bik string) error {
	if WithKey(account, bik) != account {
		return Wrong("The control key of the account does not fit the BIK: check both for a typing mistake.")
	}
	return nil
}

// CorrespondentAccountOf checks a correspondent account against its bank: it ends in the bank's last three digits, and
// its control key is computed with the division of the Bank of Russia that keeps it. Both have passed the checks of
// their own. A division itself has no such account.
//
// Source: 515 as in AccountIn; 809-P, annex 1, on the last three digits.
func CorrespondentAccountOf(account, bik string) error {
	switch {
	case isDivision(bik):
		return Wrong("The BIK is that of a division of the Bank of Russia, which has no correspondent account.")
	case account[accountLength-3:] != bik[bikLength-3:]:
		return Wrong("A correspondent account ends in the last three digits of the bank's BIK.")
	case withKey(account, division(bik)) != account:
		return Wrong("The control key of the correspondent account does not fit the BIK: check both for a typing mistake.")
	}
	return nil
}

// isDivision tells a BIK of the Bank of Russia's own from that of a bank, whose last three digits are 050 to 999.
func isDivision(bik string) bool { return bik[6:] < "050" }

// division is what a key of an account with the Bank of Russia is computed with: the fifth and sixth digit of the BIK.
func division(bik string) string { return "0" + bik[4:6] }

// WithKey is a settlement account in a bank with the control key in its place, whatever stood there.
func WithKey(account, bik string) string {
	if isDivision(bik) {
		return withKey(account, division(bik))
	}
	return withKey(account, bik[6:])
}

// WithCorrespondentKey is the correspondent account of a bank with the control key in its place.
func WithCorrespondentKey(account, bik string) string { return withKey(account, division(bik)) }

// withKey computes the key: of the prefix and the account with the key 0, the last digits of the products with the
// weights 7, 1, 3 in turn are added up; the key is the last digit of three times that.
func withKey(account, prefix string) string {
	account = account[:keyPlace] + "0" + account[keyPlace+1:]
	sum := 0
	for i, d := range prefix + account {
		sum += int(d-'0') * [...]int{7, 1, 3}[i%3] % 10
	}
	return account[:keyPlace] + digit(sum*3) + account[keyPlace+1:]
}
