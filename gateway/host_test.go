package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
)

func TestTheRequestChoosesTheHost(t *testing.T) {
	t.Parallel()
	const tenants = "*.lab.internal"
	always := func(host string, err error) gateway.HostFunc {
		return func(context.Context) (string, error) { return host, err }
	}
	byHost := gateway.TenantOfHost("*.API.example", tenants)
	byMetadata := gateway.TenantOfMetadata("X-Tenant", tenants)
	for name, test := range map[string]struct {
		choose  gateway.HostFunc
		client  string // the host that the client names
		tenant  []string
		want    string // the host that the upstream sees
		code    codes.Code
		message string
	}{
		"a function":               {choose: always("chosen.example:8443", nil), want: "chosen.example:8443"},
		"a function does not":      {choose: always("", nil), want: upstreamHost},
		"a function fails":         {choose: always("", status.Error(codes.PermissionDenied, "not yours")), code: codes.PermissionDenied, message: "not yours"},
		"a function has no status": {choose: always("", errors.New("no row for lab.internal")), code: codes.Internal, message: "gateway: not set up for this call"},
		"an invalid host":          {choose: always("lab.internal/path", nil), code: codes.InvalidArgument, message: "gateway: the host of the call is invalid"},
		"a host with a line break": {choose: always("lab.internal\nx: y", nil), code: codes.InvalidArgument, message: "gateway: the host of the call is invalid"},

		"the client's host":               {choose: gateway.IncomingHost, client: "A.example:443", want: "a.example"},
		"the client's host, not valid":    {choose: gateway.IncomingHost, client: "a_.example", want: "a_.example"},
		"the client's host is an address": {choose: gateway.IncomingHost, client: "10.0.0.1:443", want: "10.0.0.1"},

		"the tenant of the host":              {choose: byHost, client: "a.api.example:443", want: "a.lab.internal"},
		"the tenant of the host, two labels":  {choose: byHost, client: "b.a.api.example", want: "b.a.lab.internal"},
		"the tenant of the host, another one": {choose: byHost, client: "a.other.example", code: codes.Unimplemented, message: "gateway: the host of the call is not served"},
		"the tenant of the host, none":        {choose: byHost, client: "api.example", code: codes.Unimplemented, message: "gateway: the host of the call is not served"},

		"the tenant of metadata":             {choose: byMetadata, tenant: []string{"a-1"}, want: "a-1.lab.internal"},
		"the tenant of metadata, none":       {choose: byMetadata, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
		"the tenant of metadata, empty":      {choose: byMetadata, tenant: []string{""}, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
		"the tenant of metadata, two":        {choose: byMetadata, tenant: []string{"a", "b"}, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
		"the tenant of metadata, two labels": {choose: byMetadata, tenant: []string{"a.b"}, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
		"the tenant of metadata, junk":       {choose: byMetadata, tenant: []string{"evil.example/"}, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
		"the tenant of metadata, a port":     {choose: byMetadata, tenant: []string{"evil:1"}, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
		"the tenant of metadata, a hyphen":   {choose: byMetadata, tenant: []string{"-"}, code: codes.InvalidArgument, message: `gateway: the metadata "X-Tenant" does not name a tenant`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, m mode, k kind) {
				var seen []string
				w := setup{
					upstream: service(func(ctx context.Context, reqs msgs, send func(*msg) bool) error {
						seen = metadata.ValueFromIncomingContext(ctx, ":authority")
						return squarer(ctx, reqs, send)
					}),
					opts: []gateway.Option{gateway.HostBy(test.choose)},
				}.start(t, m)
				client := w.client
				if test.client != "" {
					client = client.With(gohost.Host(test.client))
				}
				ctx := t.Context()
				for _, tenant := range test.tenant {
					ctx = metadata.AppendToOutgoingContext(ctx, "x-tenant", tenant)
				}
				o := k.call(ctx, client, 3)
				wantCode(t, o.err, test.code)
				if got := strings.Join(seen, "|"); got != test.want {
					t.Errorf("the upstream sees the host %q, want %q", got, test.want)
				}
				if got := status.Convert(o.err).Message(); test.code != codes.OK && got != test.message {
					t.Errorf("the client gets %q, want %q", got, test.message)
				}
			})
		})
	}
}

// A call with an invalid host is not sent to another host.
func TestAnIncomingHostThatIsNotValid(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"", "a b", "*.example"} {
		ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(":authority", host))
		got, err := gateway.IncomingHost(ctx)
		if wantCode(t, err, codes.InvalidArgument); got != "" {
			t.Errorf("IncomingHost of %q is %q", host, got)
		}
	}
}

// The chosen host is told only to the gateway.
func TestTheHostThatWasChosenIsNotTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, m mode, k kind) {
		const chosen = "tenant-a.lab.internal"
		told := make(chan string, 1)
		w := setup{
			host:     publicHost,
			upstream: failing(0, status.Error(codes.NotFound, "nothing at "+chosen)),
			opts: []gateway.Option{
				gateway.HostBy(func(context.Context) (string, error) { return chosen, nil }),
				gateway.Errors(func(_ context.Context, _ string, err error) error {
					told <- err.Error()
					return err
				}),
			},
		}.start(t, m)
		wantSilent(t, k.call(t.Context(), w.client, 3), codes.NotFound)
		if text := <-told; !strings.HasSuffix(text, "(host "+chosen+")") {
			t.Errorf("the error in the gateway is %q", text)
		}
	})
}
