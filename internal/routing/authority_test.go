package routing_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/internal/routing"
)

func TestAuthority(t *testing.T) {
	t.Parallel()
	named := func(opts ...grpc.CallOption) string {
		if a := routing.Authority(opts); a != nil {
			return *a
		}
		return "none"
	}
	pointer := &grpc.AuthorityOverrideCallOption{Authority: "p"}
	for want, got := range map[string]string{
		"none": named(grpc.WaitForReady(true)),
		"a":    named(grpc.CallAuthority("a"), grpc.WaitForReady(true)),
		"b":    named(grpc.CallAuthority("a"), grpc.CallAuthority("b")),
		"":     named(grpc.CallAuthority("a"), grpc.CallAuthority("")),
		"p":    named(grpc.CallAuthority("a"), pointer),
	} {
		if got != want {
			t.Errorf("Authority = %q, want %q", got, want)
		}
	}
}

// "" is the authority of the channel; everything else is a host.
func TestCheckSent(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"": "", "a.example": "", "A.example:443": "", "127.0.0.1": "",
		"a b": `invalid host "a b"`, ":80": `invalid host ":80"`, "*.example": `invalid host "*.example"`,
	} {
		err := routing.CheckSent(host)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("CheckSent(%q) = %v, want %q", host, err, want)
		}
	}
}
