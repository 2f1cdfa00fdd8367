package connscale_test

import (
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// NewClient returns an error for bad input, which says what is wrong and what is
// allowed.
func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	const invalid = "grpc: the provided default service config is invalid: error parsing config for policy \"connscale\": connscale: "
	tests := map[string]struct {
		target string
		creds  credentials.TransportCredentials
		opts   connscale.Options
		want   string
	}{
		"no credentials":     {creds: nil, want: "the credentials are nil"},
		"xds credentials":    {creds: xdsCredentials{insecure.NewCredentials()}, want: "credentials of package xds are for targets of xds, which are not scaled"},
		"xds":                {target: "xds:///server", want: `the target "xds:///server" is resolved by xds, whose load-balancing policies cannot be scaled`},
		"xds in capitals":    {target: "XDS:server", want: `the target "XDS:server" is resolved by xds, whose load-balancing policies cannot be scaled`},
		"xds of Google":      {target: "google-c2p:///server", want: `the target "google-c2p:///server" is resolved by xds, whose load-balancing policies cannot be scaled`},
		"connections":        {opts: connscale.Options{MaxConnections: -1}, want: "MaxConnections is -1, and must not be negative"},
		"idle timeout":       {opts: connscale.Options{IdleTimeout: -time.Second}, want: "IdleTimeout is -1s, and must not be negative"},
		"invalid JSON":       {opts: connscale.Options{ServiceConfig: "{"}, want: "ServiceConfig: unexpected end of JSON input"},
		"a list":             {opts: connscale.Options{ServiceConfig: "[]"}, want: "ServiceConfig: json: cannot unmarshal array into Go value of type map[string]json.RawMessage"},
		"two configs":        {opts: connscale.Options{ServiceConfig: "{} {}"}, want: "ServiceConfig: invalid character '{' after top-level value"},
		"child is an object": {opts: with(`{"round_robin": {}}`), want: invalid + "childPolicy: json: cannot unmarshal object into Go value of type []map[string]json.RawMessage"},
		"unknown child":      {opts: with(`[{"rund_robin": {}}]`), want: invalid + `childPolicy: no load-balancing policy of the name ["rund_robin"] is registered: import the package that has it`},
		"unknown children":   {opts: with(`[{"a": {}}, {"b": {}}]`), want: invalid + `childPolicy: no load-balancing policy of the name ["a" "b"] is registered: import the package that has it`},
		"two in one":         {opts: with(`[{"pick_first": {}, "round_robin": {}}]`), want: invalid + "childPolicy: entry 0 has 2 policies, and must have one"},
		"none in one":        {opts: with(`[{"a": {}}, {}]`), want: invalid + "childPolicy: entry 1 has 0 policies, and must have one"},
		"itself":             {opts: with(`[{"connscale": {}}]`), want: invalid + "childPolicy: connscale cannot be its own child"},
		"invalid child": {
			opts: with(`[{"pick_first": {"shuffleAddressList": 1}}]`),
			want: invalid + `childPolicy: pick_first: pickfirst: unable to unmarshal LB policy config: {"shuffleAddressList":1}, error: json: cannot unmarshal number into Go struct field pfConfig.shuffleAddressList of type bool`,
		},
		"unknown old policy": {opts: connscale.Options{ServiceConfig: `{"loadBalancingPolicy": "x"}`}, want: invalid + `childPolicy: no load-balancing policy of the name ["x"] is registered: import the package that has it`},
		"old policy":         {opts: connscale.Options{ServiceConfig: `{"loadBalancingPolicy": 5}`}, want: "ServiceConfig: loadBalancingPolicy: json: cannot unmarshal number into Go value of type string"},
		"methodConfig": {
			opts: connscale.Options{ServiceConfig: `{"methodConfig": [{"name": [{}], "timeout": "x"}]}`},
			want: `grpc: the provided default service config is invalid: malformed duration "x": missing seconds unit`,
		},
		"several": {
			target: "xds:a", creds: nil, opts: connscale.Options{MaxConnections: -1, IdleTimeout: -1, ServiceConfig: "x"},
			want: "ServiceConfig: invalid character 'x' looking for beginning of value\n" +
				"MaxConnections is -1, and must not be negative\nIdleTimeout is -1ns, and must not be negative\n" +
				"the credentials are nil\n" + `the target "xds:a" is resolved by xds, whose load-balancing policies cannot be scaled`,
		},
	}
	for name, test := range tests {
		if test.target == "" {
			test.target = "passthrough:///server"
		}
		if test.creds == nil && name != "no credentials" && name != "several" {
			test.creds = insecure.NewCredentials()
		}
		client, err := connscale.NewClient(test.target, test.creds, test.opts)
		if client != nil {
			t.Errorf("%s: NewClient returned a client", name)
			_ = client.Close()
		}
		if want := "connscale.NewClient: " + test.want; err == nil || err.Error() != want {
			t.Errorf("%s: error\n%v, want\n%v", name, err, want)
		}
	}
}

// with returns options with the child policies.
func with(children string) connscale.Options {
	return connscale.Options{ServiceConfig: `{"loadBalancingConfig": ` + children + `}`}
}

// NewClient also returns the errors of grpc's own options.
func TestNewClientKeepsTheErrorsOfGRPC(t *testing.T) {
	t.Parallel()
	_, err := connscale.NewClient("passthrough:///server", insecure.NewCredentials(), connscale.Options{}, grpc.WithCredentialsBundle(bundle{}))
	if want := "connscale.NewClient: grpc: credentials.Bundle may not be used with individual TransportCredentials"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %v", err, want)
	}
}

type bundle struct{ credentials.Bundle }

// The child is the one in the service config, whichever field names it, or else
// pick_first.
func TestTheChildOfAServiceConfig(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]int{
		``:                                      1,
		`null`:                                  1,
		`{}`:                                    1,
		`{"loadBalancingConfig": null}`:         1,
		`{"loadBalancingConfig": []}`:           1,
		`{"loadBalancingPolicy": null}`:         1,
		`{"loadBalancingPolicy": "pick_first"}`: 1,
		`{"loadBalancingConfig": [{"unknown": {}}, {"pick_first": {}}, {"x": {}}]}`: 1,
		roundRobin: 2,
		`{"loadBalancingConfig": [{"round_robin": {}}], "loadBalancingPolicy": "pick_first"}`: 2,
		`{"loadBalancingConfig": [{"unknown": {}}, {"round_robin": null}]}`:                   2,
		`{"loadbalancingconfig": [{"round_robin": {}}]}`:                                      2, // Go's JSON ignores case
		`{"loadBalancingConfig": null, "loadBalancingPolicy": "round_robin"}`:                 2,
		`{"loadbalancingpolicy": "round_robin"}`:                                              2,
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "a", grpc.MaxConcurrentStreams(10))
				n.serve(t, "b", grpc.MaxConcurrentStreams(10))
				r, target := resolved("a", "b")
				client := n.clientOf(t, target, connscale.Options{ServiceConfig: config}, grpc.WithResolvers(r))
				wantUnary(t, "to begin with", client)
				synctest.Wait() // for the other server
				hold(t, client, 4)
				if got := len(streams(client)); got != want {
					t.Errorf("there are %d connections, want %d", got, want)
				}
				hold(t, client, 20)
				if got := len(n.dialled()); got != 2+want {
					t.Errorf("%d connections were opened for 24 streams, want %d", got, 2+want)
				}
			})
		})
	}
}

// The rest of the service config takes effect.
func TestTheRestOfAServiceConfig(t *testing.T) {
	t.Parallel()
	const config = `{"methodConfig": [
		{"name": [{"service": "squarerpc_service.SquareService", "method": "square"}], "timeout": "5s", "waitForReady": true},
		{"name": [{"service": "squarerpc_service.SquareService"}], "retryPolicy":
			{"maxAttempts": 3, "initialBackoff": "1s", "maxBackoff": "1s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`
	bubble(t, func(t *testing.T, n *network) {
		client := n.client(t, connscale.Options{ServiceConfig: config})
		begin := time.Now()
		if err := unary(t.Context(), client); err == nil {
			t.Error("a call without a server succeeds")
		}
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("the call took %v, want its timeout of 5 s", took)
		}
		var attempts int
		n.serve(t, "server", grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if attempts++; attempts < 3 {
				return status.Error(codes.Unavailable, "not yet")
			}
			return handler(srv, stream)
		}))
		time.Sleep(time.Minute)
		hold(t, client, 1)
		if attempts != 3 {
			t.Errorf("the call was made %d times, want 3", attempts)
		}
	})
}

// A service config from the resolver or among the dial options does not remove the
// policy.
func TestOtherServiceConfigs(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		r, target := resolved("server")
		client := n.clientOf(t, target, connscale.Options{}, grpc.WithResolvers(r), grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`))
		hold(t, client, 2)
		state := endpoints("server")
		state.ServiceConfig = r.CC().ParseServiceConfig(`{"loadBalancingConfig": [{"pick_first": {}}]}`)
		r.UpdateState(state)
		hold(t, client, 1)
		wantStreams(t, "another service config", client, 1, 1, 1)
	})
}

// NewClient does not write into the slice of the caller's dial options.
func TestDialOptionsAreNotChanged(t *testing.T) {
	t.Parallel()
	opts := make([]grpc.DialOption, 1, 8)
	opts[0] = grpc.WithUserAgent("a")
	client, err := connscale.NewClient("passthrough:///server", insecure.NewCredentials(), connscale.Options{}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close() //nolint:errcheck // the test is over
	for _, o := range opts[:8][1:] {
		if o != nil {
			t.Error("an option was written into the caller's slice")
		}
	}
}

// A client that has made no calls has no connections.
func TestAClientWithoutCalls(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		client := n.client(t, connscale.Options{})
		wantStreams(t, "no calls", client)
	})
}
