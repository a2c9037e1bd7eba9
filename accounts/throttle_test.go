package accounts_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent/auditrecord"
	"channelbook/ent/guesslimit"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/metrics"
	"channelbook/internal/metrics/metricstest"
	"channelbook/internal/seal"
	"channelbook/personaldata/audit"
)

const (
	free      = 5  // wrong passwords at an account before anybody waits
	freeThere = 30 // from an address
	home      = "203.0.113.7"
	abroad    = "198.51.100.23"
)

// guess signs in with a wrong password, and tells how long to wait where it was refused unseen.
func (s *instance) guess(t *testing.T, login, from string) (wait time.Duration) {
	t.Helper()
	return s.try(t, login, from, "wrong horse")
}

func (s *instance) try(t *testing.T, login, from, password string) (wait time.Duration) {
	t.Helper()
	_, err := s.SignIn(t.Context(), accounts.SignIn{Login: login, Password: password, RemoteAddress: from})
	return refusedFor(t, err)
}

// refusedFor is how long a RateLimited fault says to wait; none where the password was looked at, right or wrong.
func refusedFor(t *testing.T, err error) time.Duration {
	t.Helper()
	faults, ok := fault.All(err)
	switch {
	case err == nil || ok && faults[0].Code == "INVALID_CREDENTIALS" || ok && faults[0].Code == "WRONG_PASSWORD":
		return 0
	case ok && len(faults) == 1 && faults[0].Kind == fault.RateLimited && faults[0].RetryAfter > 0:
		return faults[0].RetryAfter
	}
	t.Errorf("got %v, want a refusal for a time, or the answer to a guess", err)
	return 0
}

func (s *instance) guessTimes(t *testing.T, n int, login, from string) {
	t.Helper()
	for i := range n {
		if wait := s.guess(t, login, from); wait != 0 {
			t.Fatalf("guess %d at %q: got refused for %v, want it looked at", i+1, login, wait)
		}
	}
}

func TestACrowdOverTwoInstancesGuessesNoMoreThanIsFree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := pair(t, d)
		one.admin(t, "boss")
		answers := map[string]string{}
		for _, login := range []string{"boss", "nobody"} {
			var looked, refused atomic.Int64
			var crowd sync.WaitGroup
			before := accounts.Derivations()
			for i := range 100 {
				s, from := []*instance{one, two}[i%2], fmt.Sprintf("192.0.2.%d", i)
				crowd.Go(func() {
					if s.guess(t, login, from) == 0 {
						looked.Add(1)
					} else {
						refused.Add(1)
					}
				})
			}
			crowd.Wait()
			if looked.Load() != free || refused.Load() != 100-free || accounts.Derivations()-before != free {
				t.Errorf("%s: got %d guesses looked at, %d refused and %d hashed, want %d, %d and %d",
					login, looked.Load(), refused.Load(), accounts.Derivations()-before, free, 100-free, free)
			}
			_, err := two.SignIn(t.Context(), accounts.SignIn{Login: login, Password: password, RemoteAddress: "192.0.2.250"})
			faults, _ := fault.All(err)
			answers[login] = fmt.Sprintf("%+v", *faults[0])
		}
		if answers["boss"] != answers["nobody"] {
			t.Errorf("got %s where somebody has the login and %s where nobody has, want the same", answers["boss"], answers["nobody"])
		}
	})
}

func TestACrowdFromOneAddressGuessesNoMoreThanIsFree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := pair(t, d)
		var looked atomic.Int64
		var crowd sync.WaitGroup
		before := accounts.Derivations()
		for i := range 60 {
			s := []*instance{one, two}[i%2]
			crowd.Go(func() {
				if s.guess(t, fmt.Sprintf("user%d", i), abroad) == 0 {
					looked.Add(1)
				}
			})
		}
		crowd.Wait()
		if looked.Load() != freeThere || accounts.Derivations()-before != freeThere {
			t.Errorf("got %d guesses looked at and %d hashed, want %d", looked.Load(), accounts.Derivations()-before, freeThere)
		}
		one.admin(t, "boss")
		if one.try(t, "boss", abroad, password) == 0 {
			t.Error("a closed address lets a right password in, want it refused unseen")
		}
		if wait := one.try(t, "boss", home, password); wait != 0 {
			t.Errorf("from another address: got refused for %v, want it let in", wait)
		}
	})
}

func TestTheWaitGrowsAndFailuresAreForgiven(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		s.guessTimes(t, free, "boss", abroad)
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512, 900, 900} {
			want *= time.Second
			if got := s.guess(t, "boss", abroad); got != want {
				t.Fatalf("after %d failures: got a wait of %v, want %v", free+i, got, want)
			}
			s.pass(t, want-time.Microsecond)
			if got := s.guess(t, "boss", abroad); got != time.Microsecond {
				t.Fatalf("just before the end: got a wait of %v, want a microsecond", got)
			}
			s.pass(t, time.Microsecond)
			s.guessTimes(t, 1, "boss", abroad)
		}
		s.pass(t, 24*time.Hour)
		s.guessTimes(t, free, "boss", abroad)
	})
}

func TestTheRightPasswordForgivesTheWrongOnes(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		for range 3 {
			s.guessTimes(t, free-1, "boss", "")
			if wait := s.try(t, "boss", "", password); wait != 0 {
				t.Fatalf("got refused for %v, want let in", wait)
			}
		}
		t.Run("at the account, not at the address", func(t *testing.T) {
			s.admin(t, "mole")
			s.try(t, "mole", abroad, password)
			for i := range freeThere {
				s.guessTimes(t, 1, fmt.Sprintf("user%d", i), abroad)
				s.try(t, "mole", abroad, password)
			}
			if s.guess(t, "another", abroad) == 0 {
				t.Error("who signs in between guesses may go on guessing, want the address closed")
			}
		})
		t.Run("many right ones at once are all let in", func(t *testing.T) {
			var crowd sync.WaitGroup
			for range 20 {
				crowd.Go(func() {
					if wait := s.try(t, "boss", home, password); wait != 0 {
						t.Errorf("got refused for %v", wait)
					}
				})
			}
			crowd.Wait()
		})
	})
}

func TestAStrangerDoesNotLockOutWhoIsKnown(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		s.signIn(t, "boss", password) // at home
		s.guessTimes(t, free, "Boss ", abroad)
		if s.try(t, "boss", abroad, password) == 0 {
			t.Error("the account is open to strangers still")
		}
		if wait := s.try(t, "boss", home, password); wait != 0 {
			t.Errorf("at home: got refused for %v, want let in", wait)
		}
		t.Run("nor where others guess at other accounts from there", func(t *testing.T) {
			for i := range freeThere {
				s.guessTimes(t, 1, fmt.Sprintf("user%d", i), home)
			}
			if s.guess(t, "another", home) == 0 {
				t.Error("the address is open still")
			}
			if wait := s.try(t, "boss", home, password); wait != 0 {
				t.Errorf("got refused for %v, want let in", wait)
			}
		})
		t.Run("and who guesses from there is limited too", func(t *testing.T) {
			s.guessTimes(t, free, "boss", home)
			if s.try(t, "boss", home, password) == 0 {
				t.Error("any number of guesses may be made from where the account is known")
			}
		})
		t.Run("after 30 days nobody is known", func(t *testing.T) {
			s.pass(t, 30*24*time.Hour)
			s.guessTimes(t, free, "boss", abroad)
			if s.try(t, "boss", home, password) == 0 {
				t.Error("known still")
			}
		})
	})
}

func TestWhoseGuessesCountTogether(t *testing.T) {
	for name, c := range map[string]struct {
		first, then string
		together    bool
	}{
		"one IPv4 address":              {home, home, true},
		"two IPv4 addresses":            {home, "203.0.113.8", false},
		"an IPv4 address, mapped":       {home, "::ffff:" + home, true},
		"two of a /64":                  {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
		"of two /64s":                   {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		"of two zones":                  {"fe80::1%eth0", "fe80::2%eth1", true},
		"what is no address, a socket":  {"", "", false},
		"what is no address, some text": {"@", "@", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newInstance(t, dbtest.SQLite(t), newClock())
			for i := range freeThere {
				s.guessTimes(t, 1, fmt.Sprintf("user%d", i), c.first)
			}
			if closed := s.guess(t, "another", c.then) != 0; closed != c.together {
				t.Errorf("%q after %q: got closed %v, want %v", c.then, c.first, closed, c.together)
			}
		})
	}
}

// TestABlockOfIPv6GuessesSoMuch: whoever has a /48 has 65 536 addresses.
func TestABlockOfIPv6GuessesSoMuch(t *testing.T) {
	s := newInstance(t, dbtest.SQLite(t), newClock())
	for i := range 120 {
		s.guessTimes(t, 1, fmt.Sprintf("user%d", i), fmt.Sprintf("2001:db8:0:%x::1", i))
	}
	if s.guess(t, "another", "2001:db8:0:ffff::1") == 0 {
		t.Error("another /64 of the same /48 guesses on")
	}
	if s.guess(t, "another", "2001:db8:1::1") != 0 {
		t.Error("another /48 is shut out")
	}
}

func TestFailuresAreRememberedByTheBase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newClock()
		s := newInstance(t, d, c)
		s.guessTimes(t, free, "canary", abroad)
		t.Run("over a restart", func(t *testing.T) {
			if newInstance(t, dbtest.Second(t, d), c).guess(t, "canary", abroad) == 0 {
				t.Error("a restart forgets what failed")
			}
		})
		t.Run("while keys rotate", func(t *testing.T) {
			keys, err := seal.ParseKeys("another:" + strings.Repeat("ab", 32) + "," + dbtest.PersonalDataKeys)
			if err != nil {
				t.Fatal(err)
			}
			rotating := newInstance(t, dbtest.Second(t, d), c)
			rotating.Keys = keys
			if rotating.guess(t, "canary", abroad) == 0 {
				t.Error("an instance with another first key forgets what failed")
			}
			rotating.guessTimes(t, free, "other", home)
			if s.guess(t, "other", home) == 0 {
				t.Error("an instance with the old keys does not know what failed at one with the new")
			}
		})
		t.Run("by keyed hashes alone", func(t *testing.T) {
			for _, row := range d.GuessLimit.Query().AllX(system(t)) {
				if text := row.String(); strings.Contains(text, "canary") || strings.Contains(text, abroad) {
					t.Errorf("got %s, which tells whom it is about", text)
				}
			}
		})
	})
}

func TestRefusalsDoNotFillTheAudit(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		boss := s.admin(t, "boss")
		s.guessTimes(t, free, "boss", abroad)
		refuse := func() {
			t.Helper()
			before := accounts.Derivations()
			var crowd sync.WaitGroup
			for range 20 {
				crowd.Go(func() {
					if s.guess(t, "boss", abroad) == 0 {
						t.Error("got looked at, want refused")
					}
				})
			}
			crowd.Wait()
			if n := accounts.Derivations() - before; n != 0 {
				t.Errorf("got %d passwords hashed for guesses that were refused", n)
			}
		}
		refuse()
		s.pass(t, time.Second)
		s.guessTimes(t, 1, "boss", abroad)
		refuse()
		if n := len(s.recorded(t, audit.SignInFailed)); n != free+1 {
			t.Errorf("got %d failed sign-ins recorded, want the %d that were looked at", n, free+1)
		}
		refused := s.recorded(t, audit.SignInRefused)
		if len(refused) != 2 {
			t.Fatalf("got %d refusals recorded, want 2: the first each time the account was closed", len(refused))
		}
		for _, r := range refused {
			if r.Outcome != auditrecord.OutcomeREFUSED || r.ObjectID == nil || *r.ObjectID != boss.ID || !strings.Contains(*r.Details, "account") {
				t.Errorf("got %v, want a refusal on the user, by the account's limit", r)
			}
		}
	})
}

func TestGuessesAtThePresentPasswordAreLimited(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		ctx := s.as(t, s.signIn(t, "boss", password))
		for range free + 1 { // a right one is no guess, whatever is wrong with the new one
			wantFault(t, s.ChangePassword(ctx, password, "so tiny"), "PASSWORD_TOO_SHORT newPassword")
		}
		for range free {
			if wait := refusedFor(t, s.ChangePassword(ctx, "wrong horse", "another horse")); wait != 0 {
				t.Fatalf("got refused for %v, want it looked at", wait)
			}
		}
		before := accounts.Derivations()
		for range 3 {
			if refusedFor(t, s.ChangePassword(ctx, password, "another horse")) == 0 {
				t.Fatal("got looked at, want refused")
			}
		}
		if n := accounts.Derivations() - before; n != 0 {
			t.Errorf("got %d passwords hashed, want none", n)
		}
		if n := s.DB.AuditRecord.Query().Where(auditrecord.Action(string(audit.PasswordChanged)), auditrecord.OutcomeEQ(auditrecord.OutcomeREFUSED)).CountX(system(t)); n != 1 {
			t.Errorf("got %d refusals recorded, want 1", n)
		}
		if wait := s.try(t, "boss", abroad, password); wait != 0 {
			t.Errorf("got a sign-in refused for %v, want it left alone", wait)
		}
		s.pass(t, time.Second)
		if err := s.ChangePassword(ctx, password, "another horse"); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherPasswordFromTheOperatorOpensTheAccount(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		u := s.admin(t, "boss")
		s.signIn(t, "boss", password)
		s.guessTimes(t, free, "boss", abroad)
		s.guessTimes(t, free, "boss", home)
		_, fresh, err := s.ResetPassword(system(t), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{home, abroad} {
			if wait := s.try(t, "boss", from, fresh); wait != 0 {
				t.Errorf("from %s: got refused for %v, want let in", from, wait)
			}
		}
	})
}

func TestLimitsThatSayNothingAreSweptAway(t *testing.T) {
	each(t, func(t *testing.T, s *instance) {
		s.admin(t, "boss")
		s.signIn(t, "boss", password)
		s.guessTimes(t, free, "nobody", abroad)
		sweep := func(want int) {
			t.Helper()
			if err := s.Sweep(system(t)); err != nil {
				t.Fatal(err)
			}
			if n := s.DB.GuessLimit.Query().Where(guesslimit.IDNotIn("")).CountX(system(t)); n != want {
				t.Errorf("got %d rows left, want %d", n, want)
			}
		}
		s.pass(t, time.Second)
		if sweep(3); s.guess(t, "nobody", abroad) != 0 || s.guess(t, "nobody", abroad) == 0 {
			t.Error("swept what still counts")
		}
		s.pass(t, 24*time.Hour)
		sweep(1) // where the boss is known
		s.pass(t, 30*24*time.Hour)
		sweep(0)
	})
}

func TestSignInsAreCounted(t *testing.T) {
	s := newInstance(t, dbtest.SQLite(t), newClock())
	m := metrics.New()
	s.Metrics = m.SignIns
	s.admin(t, "boss")
	s.signIn(t, "boss", password)
	s.guessTimes(t, free, "boss", abroad)
	s.guess(t, "boss", abroad)
	got := metricstest.Samples(metricstest.Scrape(t, m), "channelbook_sign_ins_total")
	want := map[string]string{`result="ok"`: "1", `result="failed"`: "5", `result="refused"`: "1"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
