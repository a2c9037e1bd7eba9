package notifytest_test

import (
	"net/http"
	"strings"
	"testing"

	"channelbook/notify/notifytest"
)

// TestADoubleAnswersAsItIsTold: what the tests of others lean on.
func TestADoubleAnswersAsItIsTold(t *testing.T) {
	e := notifytest.NewElastic(t)
	post := func(key string) (int, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL+"/emails/transactional",
			strings.NewReader(`{"Recipients":{"To":["a@example.ru"]},"Content":{"Postback":"delivery_1","Body":[{"ContentType":"HTML","Content":"<p>x</p>"}]}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-ElasticEmail-ApiKey", key)
		r.Header.Set("Content-Type", "application/json")
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		return got.StatusCode, got.Body.Close()
	}
	e.Next(notifytest.Answer{Status: 503}, notifytest.Answer{Lost: true}, notifytest.Answer{Cut: true})
	e.Always(func(s notifytest.Sent) notifytest.Answer {
		if s.To != "a@example.ru" || s.HTML != "<p>x</p>" {
			t.Errorf("Always is asked of %+v", s)
		}
		return notifytest.Answer{}
	})
	var got []int
	for range 4 {
		status, _ := post(notifytest.ElasticKey)
		got = append(got, status)
	}
	if got[0] != 503 || got[1] != 0 || got[2] != 0 || got[3] != 200 {
		t.Errorf("got %v, want 503, no answer twice, and 200", got)
	}
	if status, err := post("another"); status != 401 {
		t.Errorf("another key: got %d, %v, want 401", status, err)
	}
	if calls, taken := len(e.Calls()), e.Await(t, 2); calls != 4 || len(taken) != 2 || taken[0].Delivery != "delivery_1" {
		t.Errorf("got %d calls and took %+v, want 4 and the lost one and the last", calls, taken)
	}
}
