package proxies

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/hostname/hosttest"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// testHosts sends the hosts that the validator accepts through a proxy. Those that it
// refuses must not leave the client: a proxy closes the connection for some of them.
func testHosts(t *testing.T, p *proxy) {
	t.Helper()
	w := startWith(t, p, p.anyHost, nil)
	c := newClient(w, w.dial(t))
	for _, host := range hosttest.Valid {
		var r reached
		_, err := c.square.With(gohost.Host(host), r.option()).Square(brief(t), &squares.Message{})
		if err != nil {
			t.Errorf("%q: %v", host, err)
			continue
		}
		if p.seen.noPort {
			host = strings.TrimSuffix(host, ":80")
		}
		r.check(t, host, "other")
	}
	for what, host := range hosttest.Invalid {
		_, err := c.square.With(gohost.Host(host)).Square(brief(t), &squares.Message{})
		checkCode(t, what, err, codes.InvalidArgument)
	}
	seen(t, fmt.Sprintf("%d hosts arrived, %d were refused", len(hosttest.Valid), len(hosttest.Invalid)))
}
