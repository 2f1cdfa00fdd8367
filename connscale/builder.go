package connscale

import (
	"encoding/json"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/serviceconfig"
)

// Name is the name of the policy in a service config:
//
//	{"loadBalancingConfig": [{"connscale": {
//		"maxConnectionsPerSubchannel": 10,
//		"streamLimit": 100,
//		"idleTimeout": "30s",
//		"childPolicy": [{"round_robin": {}}]
//	}}]}
//
// All fields are optional. These are their defaults, except the child, which defaults to
// pick_first. [Options] explains them. The credentials of such a channel must be those
// of [Credentials] or of gohost.Credentials; otherwise streamLimit is the limit.
const Name = "connscale"

func init() { balancer.Register(builder{}) }

type builder struct{}

func (builder) Name() string { return Name }

func (builder) Build(cc balancer.ClientConn, opts balancer.BuildOptions) balancer.Balancer {
	return newPolicy(cc, opts)
}

func (builder) ParseConfig(data json.RawMessage) (serviceconfig.LoadBalancingConfig, error) {
	c, err := parseConfig(data)
	if err != nil {
		return nil, err // not c, which would be an interface that is not nil
	}
	return c, nil
}
