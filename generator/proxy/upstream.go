package proxy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gohostrpc/gohost/internal/hostname"
)

// upstream is where a proxy sends calls to: one or several instances of a backend.
type upstream struct {
	Name    string // in the configuration; not what is connected to
	Servers []server
	TLS     bool   // with a certificate for the host of each server, otherwise h2c
	CA      string // the file that the certificate is checked with; "" for the system's
}

// server is an instance of a backend.
type server struct {
	Host string // an IPv6 address is in brackets
	Port int
}

func (s server) String() string { return fmt.Sprintf("%s:%d", s.Host, s.Port) }

// IP returns the host without the brackets of an IPv6 address.
func (s server) IP() string { return strings.Trim(s.Host, "[]") }

// Several tells whether u has more than one instance.
func (u *upstream) Several() bool { return len(u.Servers) > 1 }

// key is the same for upstreams that are.
func (u *upstream) key() string { return fmt.Sprint(u.TLS, u.Servers) }

func (u *upstream) String() string {
	var texts []string
	for _, s := range u.Servers {
		texts = append(texts, s.String())
	}
	if u.TLS {
		return "https://" + strings.Join(texts, " and https://")
	}
	return strings.Join(texts, " and ")
}

// parseUpstream reads the addresses of an upstream: [http://|https://]HOST:PORT.
func parseUpstream(addresses []string) (*upstream, error) {
	u := new(upstream)
	for i, address := range addresses {
		rest, tls := strings.CutPrefix(address, "https://")
		if !tls {
			rest = strings.TrimPrefix(rest, "http://")
		}
		if i > 0 && tls != u.TLS {
			return nil, errors.New("some of its instances have TLS and others have not: give all of them https://, or none")
		}
		u.TLS = tls
		s, err := parseServer(rest)
		switch {
		case err != nil:
			return nil, fmt.Errorf("upstream %q: %w", address, err)
		case tls && !isDNSName(s.Host):
			return nil, fmt.Errorf("upstream %q: TLS needs a DNS name, which the certificate is checked for", address)
		}
		for _, other := range u.Servers {
			if s == other {
				return nil, fmt.Errorf("upstream %q is given twice: remove one", address)
			}
		}
		u.Servers = append(u.Servers, s)
	}
	return u, nil
}

func parseServer(address string) (server, error) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 || strings.HasSuffix(address, "]") {
		return server{}, errors.New("it has no port: write HOST:PORT")
	}
	host := address[:i]
	port, err := parsePort(address[i+1:])
	if err != nil {
		return server{}, err
	}
	if err := hostname.Check(host); err != nil {
		return server{}, err
	}
	if strings.Contains(host, ":") && host[0] != '[' {
		return server{}, errors.New("it has two ports")
	}
	return server{host, port}, nil
}

// isDNSName tells whether host, which is valid, is no IP address.
func isDNSName(host string) bool { return hostname.CheckDeclared(strings.ToLower(host)) == nil }
