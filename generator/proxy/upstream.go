package proxy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// upstream is a destination of calls: one or several instances of a backend.
type upstream struct {
	Name    string // in the configuration; not an address
	Servers []server
	TLS     bool   // with a certificate for the host of each server, otherwise h2c
	CA      string // the file that the certificate is checked with; "" for the system's
	of      owner
}

// owner is what an upstream was first made for: a service or method, or else a
// parameter.
type owner struct {
	element
	parameter string
}

// refuse returns an error that says what target cannot do for u.
func (u *upstream) refuse(target, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if u.of.desc != nil {
		return u.of.refuse(target, "its upstream: %s", text)
	}
	return fmt.Errorf("target %s: parameter %s: %s", target, u.of.parameter, text)
}

// server is an instance of a backend.
type server struct {
	Host   string // an IPv6 address is in brackets
	Port   int
	Weight int // its share of the calls; 0 if the upstream is not weighted
}

func (s server) String() string { return fmt.Sprintf("%s:%d", s.Host, s.Port) }

// IP returns the host without the brackets of an IPv6 address.
func (s server) IP() string { return strings.Trim(s.Host, "[]") }

// Several reports whether u has more than one instance.
func (u *upstream) Several() bool { return len(u.Servers) > 1 }

// Weighted reports whether the instances of u have weights.
func (u *upstream) Weighted() bool { return u.Servers[0].Weight > 0 }

// key is equal for equal upstreams.
func (u *upstream) key() string { return u.String() }

// String returns the addresses of u, as they are given.
func (u *upstream) String() string {
	var texts []string
	for _, s := range u.Servers {
		text := s.String()
		if s.Weight > 0 {
			text += fmt.Sprintf(";weight=%d", s.Weight)
		}
		texts = append(texts, text)
	}
	if u.TLS {
		return "https://" + strings.Join(texts, " and https://")
	}
	return strings.Join(texts, " and ")
}

// parseUpstream reads the addresses of an upstream:
// [http://|https://]HOST:PORT[;weight=N].
func parseUpstream(addresses []string) (*upstream, error) {
	u := new(upstream)
	for i, address := range addresses {
		rest, tls := strings.CutPrefix(address, "https://")
		if !tls {
			rest = strings.TrimPrefix(rest, "http://")
		}
		if i > 0 && tls != u.TLS {
			return nil, errors.New("some of its instances have TLS and others do not: give all of them https://, or none")
		}
		u.TLS = tls
		s, err := parseServer(rest)
		switch {
		case err != nil:
			return nil, fmt.Errorf("upstream %q: %w", address, err)
		case tls && !isDNSName(s.Host):
			return nil, fmt.Errorf("upstream %q: TLS needs a DNS name, for which the certificate is checked", address)
		}
		for _, other := range u.Servers {
			if s.String() == other.String() {
				return nil, fmt.Errorf("upstream %q is given twice: remove one", address)
			}
		}
		u.Servers = append(u.Servers, s)
	}
	u.completeWeights()
	return u, nil
}

// completeWeights gives each instance a weight, if one has any. A single
// instance needs none.
func (u *upstream) completeWeights() {
	weighted := slices.ContainsFunc(u.Servers, func(s server) bool { return s.Weight > 0 })
	for i := range u.Servers {
		switch s := &u.Servers[i]; {
		case !u.Several():
			s.Weight = 0
		case weighted && s.Weight == 0:
			s.Weight = 1
		}
	}
}

// maxWeight is the greatest weight that HAProxy accepts.
const maxWeight = 256

// parseServer reads HOST:PORT[;weight=N].
func parseServer(address string) (server, error) {
	address, option, weighted := strings.Cut(address, ";")
	i := strings.LastIndexByte(address, ':')
	if i < 0 || strings.HasSuffix(address, "]") {
		return server{}, errors.New("it has no port: write HOST:PORT")
	}
	s := server{Host: address[:i]}
	var err error
	if s.Port, err = parsePort(address[i+1:]); err != nil {
		return server{}, err
	}
	if err := hostname.Check(s.Host); err != nil {
		return server{}, err
	}
	if strings.Contains(s.Host, ":") && s.Host[0] != '[' {
		return server{}, errors.New("it has two ports")
	}
	if weighted {
		s.Weight, err = parseWeight(option)
	}
	return s, err
}

// parseWeight reads weight=N.
func parseWeight(option string) (int, error) {
	digits, ok := strings.CutPrefix(option, "weight=")
	weight, err := strconv.Atoi(digits)
	if !ok || err != nil || weight < 1 || weight > maxWeight || strconv.Itoa(weight) != digits {
		return 0, fmt.Errorf("%q: after the ; it has weight=N, with N from 1 to %d", option, maxWeight)
	}
	return weight, nil
}

// isDNSName reports whether host, which is valid, is not an IP address.
func isDNSName(host string) bool { return hostname.CheckDeclared(strings.ToLower(host)) == nil }
