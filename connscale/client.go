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

// Options say how a client scales. The zero Options are for most.
type Options struct {
	// MaxConnections is how many connections there may be to one address, without
	// those that get no more calls and end when theirs have. 0 is 10, as in gRFC
	// A105.
	MaxConnections int
	// IdleTimeout is how long a connection may be without calls while there is an
	// older one to its address; then it is closed. 0 is 30 s.
	IdleTimeout time.Duration
	// ServiceConfig is the service config of the client, in JSON, as it is for
	// grpc.WithDefaultServiceConfig. The connections of its loadBalancingConfig
	// are scaled: those of pick_first, if it has none.
	ServiceConfig string
}

// Client is a gRPC client that opens another connection when all are full. It is
// a [grpc.ClientConnInterface], like the grpc.ClientConn in it, which has all else.
// Its methods may be called concurrently. Close ends it.
type Client struct {
	*grpc.ClientConn
	registry *registry
}

// Stats returns how many connections there are now, how full they are, and how
// many calls wait.
func (c *Client) Stats() Stats { return c.registry.stats() }

// NewClient is [grpc.NewClient] with connection scaling. The transport credentials
// are creds; insecure.NewCredentials() are none.
//
// The service config is that of opts: it takes the place of one among dialOpts,
// and of one that the resolver brings, because the policy would go with these.
//
// The error names everything in opts that is invalid. It is an error, too, that
// creds is nil, and that target is resolved by xds, which brings policies of its
// own.
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

// splitServiceConfig returns the fields of a service config but for those that name
// a load-balancing policy, and the list of policies that these name, which is nil if
// they name none. Like grpc, it ignores the case of their names.
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

// set returns value, or nil if it is 0 and so the default. A negative one is one
// more error.
func set[T int | time.Duration](errs *[]error, name string, value T) *T {
	if value < 0 {
		*errs = append(*errs, fmt.Errorf("%s is %v, and must not be negative", name, value))
	}
	if value == 0 {
		return nil
	}
	return &value
}
