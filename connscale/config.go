package connscale

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/balancer"
	"google.golang.org/grpc/serviceconfig"
)

const (
	// defaultMaxConnections is the number of gRFC A105.
	defaultMaxConnections = 10
	// defaultStreamLimit is what RFC 9113, section 6.5.2, recommends as the
	// smallest limit, and what grpc-go assumes until it knows better.
	defaultStreamLimit = 100
	defaultIdleTimeout = 30 * time.Second
	defaultChild       = "pick_first"
)

// config is the configuration of a [policy].
type config struct {
	serviceconfig.LoadBalancingConfig
	maxConnections int
	streamLimit    int
	idleTimeout    time.Duration
	child          balancer.Builder
	childConfig    serviceconfig.LoadBalancingConfig
}

// configJSON is the configuration as it stands in a service config.
type configJSON struct {
	MaxConnections *int            `json:"maxConnectionsPerSubchannel,omitempty"` // A105's name
	StreamLimit    *int            `json:"streamLimit,omitempty"`
	IdleTimeout    *string         `json:"idleTimeout,omitempty"`
	Child          json.RawMessage `json:"childPolicy,omitempty"`
}

// parseConfig returns the configuration that data describes, or an error that names
// everything that is wrong with it. It ignores unknown fields, as balancer.ConfigParser
// requires.
func parseConfig(data json.RawMessage) (*config, error) {
	var j configJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, fmt.Errorf("connscale: %w", err)
	}
	c := &config{maxConnections: defaultMaxConnections, streamLimit: defaultStreamLimit, idleTimeout: defaultIdleTimeout}
	err := errors.Join(
		positive(&c.maxConnections, "maxConnectionsPerSubchannel", j.MaxConnections),
		positive(&c.streamLimit, "streamLimit", j.StreamLimit),
		c.setIdleTimeout(j.IdleTimeout),
		c.setChild(j.Child),
	)
	if err != nil {
		return nil, fmt.Errorf("connscale: %w", err)
	}
	return c, nil
}

func positive(to *int, name string, value *int) error {
	if value == nil {
		return nil
	}
	if *value < 1 {
		return fmt.Errorf("%s is %d, and must be at least 1", name, *value)
	}
	*to = *value
	return nil
}

func (c *config) setIdleTimeout(text *string) error {
	if text == nil {
		return nil
	}
	d, err := time.ParseDuration(*text)
	if err != nil {
		return fmt.Errorf("idleTimeout: %w", err)
	}
	if d <= 0 {
		return fmt.Errorf("idleTimeout is %v, and must be longer than 0s", d)
	}
	c.idleTimeout = d
	return nil
}

// setChild sets the policy whose SubConns are scaled: the first of the list that
// is registered, as in a loadBalancingConfig.
func (c *config) setChild(list json.RawMessage) error {
	var policies []map[string]json.RawMessage
	if len(list) > 0 {
		if err := json.Unmarshal(list, &policies); err != nil {
			return fmt.Errorf("childPolicy: %w", err)
		}
	}
	if len(policies) == 0 {
		policies = append(policies, map[string]json.RawMessage{defaultChild: json.RawMessage("{}")})
	}
	var unknown []string
	for i, policy := range policies {
		if len(policy) != 1 {
			return fmt.Errorf("childPolicy: entry %d has %d policies, and must have one", i, len(policy))
		}
		for name, data := range policy {
			if builder := balancer.Get(name); builder != nil {
				return c.setBuilder(builder, data)
			}
			unknown = append(unknown, name)
		}
	}
	return fmt.Errorf("childPolicy: no load-balancing policy of the name %q is registered: import the package that has it", unknown)
}

func (c *config) setBuilder(builder balancer.Builder, data json.RawMessage) error {
	if builder.Name() == Name {
		return errors.New("childPolicy: connscale cannot be its own child")
	}
	c.child = builder
	parser, ok := builder.(balancer.ConfigParser)
	if !ok {
		return nil
	}
	var err error
	if c.childConfig, err = parser.ParseConfig(data); err != nil {
		return fmt.Errorf("childPolicy: %s: %w", builder.Name(), err)
	}
	return nil
}
