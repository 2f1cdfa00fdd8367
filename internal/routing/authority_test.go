package routing_test

import (
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
