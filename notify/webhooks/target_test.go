package webhooks_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/ent/webhookdelivery"
	"channelbook/internal/dbtest"
	"channelbook/notify/webhooks"
)

func TestRefusedNetworks(t *testing.T) {
	for address, refused := range map[string]bool{
		"127.0.0.1:443": true, "127.8.9.1:443": true, "0.0.0.0:443": true, "10.1.2.3:443": true, "172.16.0.1:443": true, "172.31.255.1:443": true, "192.168.1.1:443": true,
		"169.254.169.254:80": true, "100.64.0.1:443": true, "224.0.0.1:443": true, "255.255.255.255:443": true, "192.0.2.1:443": true, "198.18.0.1:443": true,
		"[::1]:443": true, "[::]:443": true, "[fe80::1]:443": true, "[fe80::1%eth0]:443": true, "[fc00::1]:443": true, "[::ffff:127.0.0.1]:443": true, "[::ffff:10.0.0.1]:443": true,
		"[64:ff9b::7f00:1]:443": true, "[2002:7f00:1::]:443": true, "[fd00:ec2::254]:80": true, "[ff02::1]:443": true,
		"8.8.8.8:22": true, "8.8.8.8:25": true, "nonsense": true,
		"8.8.8.8:443": false, "8.8.8.8:80": false, "93.184.216.34:8443": false, "[2a00:1450:4001::1]:443": false,
	} {
		network := "tcp4"
		if strings.HasPrefix(address, "[") {
			network = "tcp6"
		}
		if got := webhooks.Refused(network, address); got != refused {
			t.Errorf("%s: refused is %v, want %v", address, got, refused)
		}
	}
}

func TestATargetOnARefusedNetworkIsNotCalled(t *testing.T) {
	for name, host := range map[string]string{"by its number": "127.0.0.1", "by a name that resolves to it": "localhost", "by a number in another form": "2130706433"} {
		t.Run(name, func(t *testing.T) {
			k := newDesk(t, dbtest.SQLite(t))
			to := newReceiver(t, nil)
			_, port, _ := net.SplitHostPort(to.Listener.Addr().String())
			hook, _ := k.hook("http://"+host+":"+port, nil) // allowed as it was registered
			e := k.happens(1, hook)[0]
			k.AllowPrivate = false
			if err := k.send(e.ID); name != "by a number in another form" && err != nil {
				t.Fatal(err)
			}
			if to.calls() != 0 {
				t.Fatal("it was called")
			}
			if got := k.event(e.ID); name != "by a number in another form" && (got.Status != webhookdelivery.StatusFAILED || got.ErrorCode != "TARGET_REFUSED") {
				t.Errorf("got %s with %s", got.Status, got.ErrorCode)
			}
			if a := k.attempts(e.ID); len(a) != 1 || a[0].HTTPStatus != nil {
				t.Errorf("got %v, want one attempt without an answer", a)
			}
		})
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	k := newDesk(t, dbtest.SQLite(t))
	behind := newReceiver(t, nil)
	for _, code := range []int{301, 302, 303, 307, 308} {
		to := httptest.NewServer(http.RedirectHandler(behind.URL, code))
		t.Cleanup(to.Close)
		hook, _ := k.hook(to.URL, nil)
		e := k.happens(1, hook)[0]
		if err := k.send(e.ID); err != nil {
			t.Fatal(err)
		}
		k.want(e.ID, webhookdelivery.StatusFAILED, 1, "REDIRECT")
	}
	if behind.calls() != 0 {
		t.Error("it was followed")
	}
}

func TestNoProxyIsAsked(t *testing.T) {
	proxy := newReceiver(t, nil)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	k := newDesk(t, dbtest.SQLite(t))
	hook, _ := k.hook("http://name.invalid/", nil)
	e := k.happens(1, hook)[0]
	_ = k.send(e.ID)
	if proxy.calls() != 0 {
		t.Error("the proxy was asked")
	}
	k.want(e.ID, webhookdelivery.StatusQUEUED, 1, "NAME_NOT_RESOLVED")
}
