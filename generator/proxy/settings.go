package proxy

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings holds the parameters that templates write as they are. targets says
// which target uses which.
type settings struct {
	Listen              listen
	Certificate         string // "" if the proxy does not terminate TLS
	Key                 string
	UpstreamCA          string // a file; "" for the certificate authorities of the system
	HealthCheck         int    // seconds between two checks; 0 for none
	NginxVersion        string
	EntryPoints         []string // of Traefik; empty for its default
	Gateway             gateway
	GatewayClass        string
	Namespace           string // of objects in Kubernetes
	TLSSecret           string // the Secret with the certificate for clients, in Kubernetes
	UpstreamCAConfigMap string // like UpstreamCA, in Kubernetes
}

// setting is a parameter that sets a field of settings.
type setting struct {
	name     string
	repeated bool
	set      func(s *settings, value string) error
}

// knownSettings are all settings.
var knownSettings = []setting{
	{"upstream_ca", false, func(s *settings, value string) error {
		s.UpstreamCA = value
		return checkPath("upstream_ca", value)
	}},
	{"health_check", false, func(s *settings, value string) (err error) {
		s.HealthCheck, err = parseInterval(value)
		return err
	}},
	{"listen", false, func(s *settings, value string) (err error) {
		s.Listen, err = parseListen(value)
		return err
	}},
	{"certificate", false, func(s *settings, value string) error {
		s.Certificate = value
		return checkPath("certificate", value)
	}},
	{"key", false, func(s *settings, value string) error {
		s.Key = value
		return checkPath("key", value)
	}},
	{"nginx_version", false, func(s *settings, value string) error {
		s.NginxVersion = value
		return oneOf("nginx_version", value, nginxVersions)
	}},
	{"entrypoint", true, func(s *settings, value string) error { return s.addEntryPoint(value) }},
	{"namespace", false, func(s *settings, value string) error {
		s.Namespace = value
		return checkLabel("namespace", value)
	}},
	{"gateway", false, func(s *settings, value string) (err error) {
		s.Gateway, err = parseGateway(value)
		return err
	}},
	{"gateway_class", false, func(s *settings, value string) error {
		s.GatewayClass = value
		return oneOf("gateway_class", value, gatewayClasses)
	}},
	{"tls_secret", false, func(s *settings, value string) error {
		s.TLSSecret = value
		return checkObject("tls_secret", value)
	}},
	{"upstream_ca_configmap", false, func(s *settings, value string) error {
		s.UpstreamCAConfigMap = value
		return checkObject("upstream_ca_configmap", value)
	}},
}

// nginxVersions: 1.22 stands for those that know no "http2 on".
var nginxVersions = []string{"1.22", "1.26"}

// upstreamCAs returns the names of the given parameters that say how to verify
// the certificates of upstreams.
func (s *settings) upstreamCAs() []string {
	var given []string
	if s.UpstreamCA != "" {
		given = append(given, "upstream_ca")
	}
	if s.UpstreamCAConfigMap != "" {
		given = append(given, "upstream_ca_configmap")
	}
	return given
}

func (s *settings) addEntryPoint(value string) error {
	if !entryPointPattern.MatchString(value) {
		return fmt.Errorf("entrypoint=%q: the name of an entry point may only have letters, digits, _ and -", value)
	}
	if slices.Contains(s.EntryPoints, value) {
		return fmt.Errorf("entrypoint=%s is given twice: remove one", value)
	}
	s.EntryPoints = append(s.EntryPoints, value)
	return nil
}

// finish checks rules for several settings, and sets defaults.
func (s *settings) finish(given []string) error {
	if !slices.Contains(given, "listen") {
		s.Listen.Port = 8080
		if s.Certificate != "" {
			s.Listen.Port = 8443
		}
	}
	if s.NginxVersion == "" {
		s.NginxVersion = nginxVersions[len(nginxVersions)-1]
	}
	if s.Gateway.Namespace == "" {
		s.Gateway.Namespace = s.Namespace
	}
	if (s.Certificate == "") != (s.Key == "") {
		return errors.New("certificate and key go together: give both, or none for a proxy without TLS")
	}
	return nil
}

// listen is where a proxy listens: everywhere if there is no IP.
type listen struct {
	IP   string
	Port int
}

// Address returns "ip:port", "[ip]:port" or ":port".
func (l listen) Address() string {
	if strings.Contains(l.IP, ":") {
		return fmt.Sprintf("[%s]:%d", l.IP, l.Port)
	}
	return fmt.Sprintf("%s:%d", l.IP, l.Port)
}

func parseListen(value string) (listen, error) {
	refused := fmt.Errorf("listen=%q: it is IP:PORT, [IPv6]:PORT or :PORT", value)
	host, digits := "", ""
	if i := strings.LastIndexByte(value, ':'); i >= 0 {
		host, digits = value[:i], value[i+1:]
	}
	port, err := parsePort(digits)
	if err != nil {
		return listen{}, refused
	}
	if host == "" {
		return listen{Port: port}, nil
	}
	ip, brackets := strings.CutPrefix(host, "[")
	ip = strings.TrimSuffix(ip, "]")
	addr, err := netip.ParseAddr(ip)
	if err != nil || addr.Zone() != "" || addr.Is6() != brackets || brackets && host != "["+ip+"]" {
		return listen{}, refused
	}
	return listen{IP: addr.String(), Port: port}, nil
}

// parsePort parses a TCP port: 1 to 65535, only digits.
func parsePort(digits string) (int, error) {
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || port == 0 || strconv.FormatUint(port, 10) != digits {
		return 0, fmt.Errorf("%q is not a port from 1 to 65535", digits)
	}
	return int(port), nil
}

// parseInterval reads the time between two checks of an upstream, in seconds.
func parseInterval(value string) (seconds int, err error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < time.Second || d > time.Hour || d%time.Second != 0 {
		return 0, fmt.Errorf("health_check=%q: it is the time between two checks, whole seconds from 1s to 1h, such as 10s", value)
	}
	return int(d / time.Second), nil
}

var (
	pathPattern       = regexp.MustCompile(`^[A-Za-z0-9_./@+-]+$`)
	entryPointPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
)

// checkPath returns an error for the path of a file that would need escaping
// for some proxy.
func checkPath(name, value string) error {
	if !pathPattern.MatchString(value) {
		return fmt.Errorf("%s=%q: a path may have only letters, digits and _ . / @ + -", name, value)
	}
	return nil
}

func oneOf(name, value string, allowed []string) error {
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("%s=%s: allowed are %s", name, value, strings.Join(allowed, ", "))
	}
	return nil
}
