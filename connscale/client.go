package connscale

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Options say how a client scales. The zero Options are right for most clients.
type Options struct {
	// MaxConnections is the maximum number of connections to one address, without
	// those that get no more calls and end with their last call. 0 means 10, as in
	// gRFC A105.
	MaxConnections int
	// IdleTimeout is how long a connection may be without calls before it is closed,
	// if there is an older one to its address. 0 means 30 s.
	IdleTimeout time.Duration
	// ServiceConfig is the service config of the client, in JSON, as for
	// grpc.WithDefaultServiceConfig. The connections of its loadBalancingConfig are
	// scaled, or those of pick_first if it has none.
	ServiceConfig string
}

// Client is a gRPC client that opens another connection when all are full. It is a
// [grpc.ClientConnInterface], and embeds a grpc.ClientConn, which has all other methods.
// Its methods may be called concurrently. Close ends it.
type Client struct {
	*grpc.ClientConn
	registry *registry
}

// Stats returns how many connections there are now, how full they are, and how many
// calls wait.
func (c *Client) Stats() Stats { return c.registry.stats() }

// NewClient is [grpc.NewClient] with connection scaling. creds are the transport
// credentials; use insecure.NewCredentials() for none.
//
// The service config is that of opts. It replaces one among dialOpts, and one from the
// resolver, because these would remove the policy.
//
// The error names everything in opts that is invalid. It is also an error if creds is
// nil, or if target is resolved by xds, which has policies of its own.
func NewClient(target string, creds credentials.TransportCredentials, opts Options, dialOpts ...grpc.DialOption) (*Client, error) {
	serviceConfig, err := opts.serviceConfig()
	if err = errors.Join(err, checkCredentials(creds), checkTarget(target)); err != nil {
		return nil, fmt.Errorf("connscale.NewClient: %w", err)
	}
	r := new(registry)
	cc, err := grpc.NewClient(target, append(dialOpts[:len(dialOpts):len(dialOpts)],
		grpc.WithTransportCredentials(transportCredentials{creds, r}),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableServiceConfig(),
	)...)
	if err != nil {
		return nil, fmt.Errorf("connscale.NewClient: %w", err)
	}
	return &Client{cc, r}, nil
}

func checkCredentials(creds credentials.TransportCredentials) error {
	switch {
	case creds == nil:
		return errors.New("the credentials are nil")
	case usesXDS(creds):
		return errors.New("credentials of package xds are for targets of xds, which are not scaled")
	}
	return nil
}

func checkTarget(target string) error {
	for _, scheme := range []string{"xds:", "google-c2p:"} { // the second one is resolved by the first
		if strings.HasPrefix(strings.ToLower(target), scheme) {
			return fmt.Errorf("the target %q is resolved by xds, whose load-balancing policies cannot be scaled", target)
		}
	}
	return nil
}

// serviceConfig returns the service config that names the policy, with everything
// that opts.ServiceConfig has.
func (o Options) serviceConfig() (string, error) {
	var errs []error
	fields, children, err := splitServiceConfig(o.ServiceConfig)
	if err != nil {
		errs = append(errs, fmt.Errorf("ServiceConfig: %w", err))
	}
	policy := configJSON{Child: children}
	policy.MaxConnections = set(&errs, "MaxConnections", o.MaxConnections)
	if d := set(&errs, "IdleTimeout", o.IdleTimeout); d != nil {
		text := d.String()
		policy.IdleTimeout = &text
	}
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	fields[lbConfigField] = []map[string]configJSON{{Name: policy}}
	text, err := json.Marshal(fields)
	return string(text), err
}

const (
	lbConfigField = "loadBalancingConfig"
	lbPolicyField = "loadBalancingPolicy" // deprecated
)

// splitServiceConfig returns the fields of a service config except those that name a
// load-balancing policy, and the list of the policies that these name, or nil if they
// name none. Like grpc, it ignores the case of the fields' names.
func splitServiceConfig(text string) (rest map[string]any, policies json.RawMessage, err error) {
	rest = make(map[string]any)
	if text == "" {
		return rest, nil, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return nil, nil, err
	}
	var name *string
	for field, value := range fields {
		switch {
		case strings.EqualFold(field, lbPolicyField):
			if err := json.Unmarshal(value, &name); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", field, err)
			}
		case !strings.EqualFold(field, lbConfigField):
			rest[field] = value
		case string(value) != "null":
			policies = value
		}
	}
	if policies == nil && name != nil {
		policies, err = json.Marshal([]map[string]struct{}{{*name: {}}})
	}
	return rest, policies, err
}

// set returns value, or nil if it is 0, which means the default. A negative value is
// another error.
func set[T int | time.Duration](errs *[]error, name string, value T) *T {
	if value < 0 {
		*errs = append(*errs, fmt.Errorf("%s is %v, and must not be negative", name, value))
	}
	if value == 0 {
		return nil
	}
	return &value
}
