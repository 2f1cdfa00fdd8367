package proxy

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gohostrpc/gohost/internal/declared"
)

// parameters are the parameters of the plugin.
type parameters struct {
	targets       []target
	hosts         declared.Request
	upstreams     upstreams
	listen        listen
	certificate   string // "" where the proxy does not terminate TLS
	key           string
	gateway       gateway
	given         []string // the names of all parameters
	wantedTargets []string
}

// listen is where a proxy listens. Without an IP that is everywhere.
type listen struct {
	IP   string
	Port int
}

// Address returns it as "ip:port", "[ip]:port" or ":port".
func (l listen) Address() string {
	if strings.Contains(l.IP, ":") {
		return fmt.Sprintf("[%s]:%d", l.IP, l.Port)
	}
	return fmt.Sprintf("%s:%d", l.IP, l.Port)
}

// gateway is the Gateway of the Gateway API that routes belong to.
type gateway struct{ Namespace, Name string }

const allowed = "target, upstream, upstream.NAME, host_upstream.HOST, upstream_ca, listen, certificate, key, gateway, host_template and default_host"

// parseParameters reads the parameter of a request: name=value, separated by commas.
func parseParameters(parameter string) (*parameters, error) {
	p := &parameters{upstreams: newUpstreams()}
	var errs []error
	for param := range strings.SplitSeq(parameter, ",") {
		if param == "" {
			continue
		}
		name, value, _ := strings.Cut(param, "=")
		errs = append(errs, p.set(name, value))
	}
	errs = append(errs, p.finish())
	return p, errors.Join(errs...)
}

func (p *parameters) set(name, value string) error {
	if known, err := p.upstreams.set(name, value); known {
		return err
	}
	if name != "target" && slices.Contains(p.given, name) {
		return fmt.Errorf("parameter %s is given twice: remove one", name)
	}
	p.given = append(p.given, name)
	var err error
	switch name {
	case "target":
		return p.addTarget(value)
	case "listen":
		p.listen, err = parseListen(value)
	case "certificate":
		p.certificate, err = value, checkPath(name, value)
	case "key":
		p.key, err = value, checkPath(name, value)
	case "upstream_ca":
		p.upstreams.ca, err = value, checkPath(name, value)
	case "gateway":
		p.gateway, err = parseGateway(value)
	default:
		known, err := p.hosts.Set(name, value)
		if !known {
			return fmt.Errorf("unknown parameter %q: allowed are %s", name, allowed)
		}
		return err
	}
	return err
}

func (p *parameters) addTarget(name string) error {
	i := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
	if i < 0 {
		return fmt.Errorf("target=%s: allowed are %s", name, targetNames())
	}
	if slices.Contains(p.wantedTargets, name) {
		return fmt.Errorf("target=%s is given twice: remove one", name)
	}
	p.wantedTargets = append(p.wantedTargets, name)
	p.targets = append(p.targets, targets[i])
	return nil
}

// finish checks what concerns several parameters, and sets what is not given.
func (p *parameters) finish() error {
	var errs []error
	if !slices.Contains(p.given, "target") {
		errs = append(errs, fmt.Errorf("parameter target is missing: allowed are %s", targetNames()))
	}
	if (p.certificate == "") != (p.key == "") {
		errs = append(errs, errors.New("certificate and key go together: give both, or none for a proxy without TLS"))
	}
	for _, t := range p.targets {
		for _, name := range t.requires {
			if !slices.Contains(p.given, name) {
				errs = append(errs, fmt.Errorf("target %s: parameter %s is missing", t.name, name))
			}
		}
	}
	for _, name := range []string{"listen", "certificate", "upstream_ca", "gateway"} {
		uses := func(t target) bool { return slices.Contains(t.uses, name) }
		if slices.Contains(p.given, name) && len(p.targets) > 0 && !slices.ContainsFunc(p.targets, uses) {
			errs = append(errs, fmt.Errorf("parameter %s: target %s has no use for it", name, strings.Join(p.wantedTargets, " and ")))
		}
	}
	if !slices.Contains(p.given, "listen") {
		p.listen.Port = 8080
		if p.certificate != "" {
			p.listen.Port = 8443
		}
	}
	return errors.Join(errs...)
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

// parsePort reads a port of TCP: 1 to 65535, in digits alone.
func parsePort(digits string) (int, error) {
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || port == 0 || strconv.FormatUint(port, 10) != digits {
		return 0, fmt.Errorf("%q is no port from 1 to 65535", digits)
	}
	return int(port), nil
}

var pathPattern = regexp.MustCompile(`^[A-Za-z0-9_./@+-]+$`)

// checkPath returns an error for the path of a file that does not mean the same
// to all proxies as it stands.
func checkPath(name, value string) error {
	if !pathPattern.MatchString(value) {
		return fmt.Errorf("%s=%q: a path here has letters, digits and _ . / @ + - only", name, value)
	}
	return nil
}

var labelPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func parseGateway(value string) (gateway, error) {
	namespace, name, ok := strings.Cut(value, "/")
	if !ok {
		namespace, name = "", value
	}
	if ok && !labelPattern.MatchString(namespace) || !labelPattern.MatchString(name) {
		return gateway{}, fmt.Errorf("gateway=%q: it is NAME or NAMESPACE/NAME of a Gateway in Kubernetes", value)
	}
	return gateway{namespace, name}, nil
}
