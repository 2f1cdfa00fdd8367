package connscale_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/connscale"
)

// The error for an invalid configuration of the policy names everything that is wrong
// with it.
func TestServiceConfigIsRefused(t *testing.T) {
	t.Parallel()
	parser, ok := balancer.Get(connscale.Name).(balancer.ConfigParser)
	if !ok {
		t.Fatal("the policy is not registered")
	}
	for config, want := range map[string]string{
		`[]`:                                  "connscale: json: cannot unmarshal array into Go value of type connscale.configJSON",
		`{`:                                   "connscale: unexpected end of JSON input",
		`{"maxConnectionsPerSubchannel": 0}`:  "connscale: maxConnectionsPerSubchannel is 0, and must be at least 1",
		`{"maxConnectionsPerSubchannel": ""}`: "connscale: json: cannot unmarshal string into Go struct field configJSON.maxConnectionsPerSubchannel of type int",
		`{"streamLimit": -1}`:                 "connscale: streamLimit is -1, and must be at least 1",
		`{"idleTimeout": "0s"}`:               "connscale: idleTimeout is 0s, and must be longer than 0s",
		`{"idleTimeout": "-1s"}`:              "connscale: idleTimeout is -1s, and must be longer than 0s",
		`{"idleTimeout": "soon"}`:             `connscale: idleTimeout: time: invalid duration "soon"`,
		`{"idleTimeout": 30}`:                 "connscale: json: cannot unmarshal number into Go struct field configJSON.idleTimeout of type string",
		`{"childPolicy": [{"x": {}}]}`:        `connscale: childPolicy: no load-balancing policy of the name ["x"] is registered: import the package that has it`,
		`{"maxConnectionsPerSubchannel": -5, "streamLimit": 0, "idleTimeout": "x", "childPolicy": {}}`: "connscale: maxConnectionsPerSubchannel is -5, and must be at least 1\n" +
			"streamLimit is 0, and must be at least 1\n" + `idleTimeout: time: invalid duration "x"` + "\n" +
			"childPolicy: json: cannot unmarshal object into Go value of type []map[string]json.RawMessage",
	} {
		if c, err := parser.ParseConfig([]byte(config)); c != nil || err == nil || err.Error() != want {
			t.Errorf("%s: %v and the error\n%v, want\n%v", config, c, err, want)
		}
	}
	for _, config := range []string{
		`{}`, `null`, `{"later": 1}`, `{"childPolicy": []}`, `{"childPolicy": null, "idleTimeout": null, "streamLimit": null}`,
		`{"maxConnectionsPerSubchannel": 1, "streamLimit": 1, "idleTimeout": "1ns"}`,
		`{"childPolicy": [{"test_above": {"anything": true}}]}`,
	} {
		if c, err := parser.ParseConfig([]byte(config)); c == nil || err != nil {
			t.Errorf("%s: %v and the error %v", config, c, err)
		}
	}
}

// grpc refuses a channel whose default service config is invalid.
func TestAWrongDefaultServiceConfig(t *testing.T) {
	t.Parallel()
	_, err := grpc.NewClient("passthrough:///server", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"connscale": {"maxConnectionsPerSubchannel": 0}}]}`))
	const want = `grpc: the provided default service config is invalid: error parsing config for policy "connscale": ` +
		"connscale: maxConnectionsPerSubchannel is 0, and must be at least 1"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %v", err, want)
	}
}

// The deprecated way to name a policy has no configuration, so the defaults apply.
func TestThePolicyByItsOldName(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "server", grpc.MaxConcurrentStreams(1))
		channel := n.byName(t, "passthrough:///server", nil, grpc.WithDefaultServiceConfig(`{"loadBalancingPolicy": "connscale"}`))
		hold(t, channel, 10)
		if holdLater(t, t.Context(), channel).has() {
			t.Error("an eleventh connection was opened")
		}
	})
}
