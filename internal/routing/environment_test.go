package routing_test

import (
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/routing"
)

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, service string
		host           string
		err            string // what the error contains
	}{
		{value: "", service: "a.S"},
		{value: " , ", service: "a.S"},
		{value: "a.S=x.example", service: "a.S", host: "x.example"},
		{value: ", a.S=x.example,,", service: "a.S", host: "x.example"},
		{value: "a.S=127.0.0.1:8080", service: "a.S", host: "127.0.0.1:8080"},
		{value: "a.S=X.example", service: "a.S", host: "X.example"},
		{value: "S=x.example", service: "S", host: "x.example"},
		{value: "a.S=x.example", service: "a.T"},
		{value: "a.S=x.example", service: "a.S.T"},
		{value: "a.*=x.example", service: "a.S", host: "x.example"},
		{value: "a.*=x.example", service: "a.b.S", host: "x.example"},
		{value: "a.*=x.example", service: "ab.S"},
		{value: "a.*=x.example", service: "a"},
		{value: "*=x.example", service: "S", host: "x.example"},
		// The most specific entry wins, wherever it stands.
		{value: "*=1.example.org,a.*=2.example.org,a.b.*=3.example.org,a.b.S=4.example.org", service: "a.b.S", host: "4.example.org"},
		{value: "a.b.S=4.example.org, a.b.*=3.example.org, a.*=2.example.org, *=1.example.org", service: "a.b.S", host: "4.example.org"},
		{value: "a.b.*=3.example.org,*=1.example.org,a.*=2.example.org", service: "a.b.S", host: "3.example.org"},
		{value: "a.b.*=3.example.org,*=1.example.org,a.*=2.example.org", service: "a.S", host: "2.example.org"},
		{value: "a.b.*=3.example.org,*=1.example.org,a.*=2.example.org", service: "S", host: "1.example.org"},
		// A malformed entry may have been meant for any service.
		{value: "x.example", service: "a.S", err: `entry "x.example": an entry is service=host`},
		{value: "=x.example", service: "a.S", err: `entry "=x.example": an entry is`},
		{value: "a.*.b=x.example", service: "a.S", err: `an entry is`},
		{value: "a*=x.example", service: "a.S", err: `an entry is`},
		{value: "**=x.example", service: "a.S", err: `an entry is`},
		{value: ".*=x.example", service: "a.S", err: `an entry is`},
		{value: "/a.S=x.example", service: "a.S", err: `an entry is`},
		{value: "a.S =x.example", service: "a.S", err: `an entry is`},
		{value: "*=x.example,*=y.example", service: "a.S", err: `entry "*=y.example": there is another entry for *`},
		{value: "b.*=x.example,b.*=y.example", service: "a.S", err: `entry "b.*=y.example": there is another entry for b.*`},
		// An invalid host concerns the services that the entry matches.
		{value: "a.S=", service: "a.S", err: `entry "a.S=": invalid host "": it is empty`},
		{value: "a.S=a\nb", service: "a.S", err: `entry "a.S=a\nb": invalid host`},
		{value: "a.S=http://x", service: "a.S", err: `invalid host "http://x"`},
		{value: "a.S=*.x", service: "a.S", err: `it is a wildcard`},
		{value: "a.S=x=y", service: "a.S", err: `invalid host "x=y"`},
		{value: "a.T=a b,a.S=x.example", service: "a.S", host: "x.example"},
		{value: "*=a b,a.S=x.example", service: "a.S", host: "x.example"},
	}
	for _, test := range tests {
		t.Run(test.service+" in "+test.value, func(t *testing.T) {
			t.Parallel()
			host, err := routing.FromEnvironment(test.value, test.service)
			if test.err == "" {
				if host != test.host || err != nil {
					t.Errorf("FromEnvironment = %q, %v; want %q", host, err, test.host)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), "GOHOST_HOSTS") {
				t.Errorf("error = %v, want one with GOHOST_HOSTS and %q", err, test.err)
			}
			if host == "" {
				t.Error("the entry is not returned, so the error would go unnoticed")
			}
		})
	}
}

// A name has letters, digits and underscores, with dots between them.
func TestNamesInTheEnvironment(t *testing.T) {
	t.Parallel()
	const valid = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."
	for b := range 1 << 8 {
		c := string([]byte{byte(b)})
		if c == "=" {
			continue // it ends the name
		}
		host, err := routing.FromEnvironment("a"+c+"z=x.example", "a"+c+"z")
		if strings.Contains(valid, c) {
			if host != "x.example" || err != nil {
				t.Errorf("with %q: FromEnvironment = %q, %v", c, host, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), "an entry is") {
			t.Errorf("with %q: error = %v, want one that says what an entry is", c, err)
		}
	}
}
