// Package declared finds out which hosts a .proto declares for its services.
// All plugins ask it, so that they agree on who wins.
package declared

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/routing"
	"github.com/gohostrpc/gohost/internal/source"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

// Parameters are the parameters of a plugin that decide about hosts.
type Parameters struct {
	hostTemplate      string // of services that declare no host; "" for none
	ignoreDefaultHost bool   // do not look at google.api.default_host
}

// Set sets the parameter name, and tells whether there is such a parameter.
func (p *Parameters) Set(name, value string) (known bool, err error) {
	switch name {
	case "host_template":
		p.hostTemplate = value
		return true, CheckTemplate(name, value)
	case "default_host":
		if value != "use" && value != "ignore" {
			return true, fmt.Errorf("default_host=%s: allowed are use, the default, and ignore", value)
		}
		p.ignoreDefaultHost = value == "ignore"
		return true, nil
	}
	return false, nil
}

// Hosts are what the services of one file declare about their hosts.
type Hosts struct {
	parameters Parameters
	warnings   io.Writer
	template   string // of the file
	services   map[string]protoreflect.ServiceDescriptor
}

// InFile returns the hosts of f. What is allowed but may surprise is written
// to warnings, a line each. The error is that of the file's own option.
func InFile(f protoreflect.FileDescriptor, parameters Parameters, warnings io.Writer) (*Hosts, error) {
	h := &Hosts{parameters: parameters, warnings: warnings, services: make(map[string]protoreflect.ServiceDescriptor)}
	options := source.Option[*gohostv1.FileOptions](f, gohostv1.E_File)
	if options == nil || options.HostTemplate == nil {
		return h, nil
	}
	if err := CheckTemplate("host_template", options.GetHostTemplate()); err != nil {
		return h, source.Errorf(source.OptionPosition(f, gohostv1.E_File), "file %s: %w", f.Path(), err)
	}
	h.template = options.GetHostTemplate()
	return h, nil
}

// Service is what is declared about the hosts of a service.
type Service struct {
	Host    string // "" where none is declared
	Aliases []string
	At      source.Place // of the declaration of Host
}

// OfService returns what is declared about the hosts of s.
func (h *Hosts) OfService(s protoreflect.ServiceDescriptor) (Service, error) {
	options := source.Option[*gohostv1.ServiceOptions](s, gohostv1.E_Service)
	var errs []error
	if options != nil && options.Host != nil {
		errs = append(errs, refusal(s, gohostv1.E_Service, hostname.CheckDeclared(options.GetHost())))
	}
	for _, alias := range options.GetAliases() {
		errs = append(errs, refusal(s, gohostv1.E_Service, hostname.CheckAlias(alias)))
	}
	if err := errors.Join(errs...); err != nil {
		return Service{}, err
	}
	host, from := routing.Sources{
		Service:      options.GetHost(),
		DefaultHost:  h.defaultHost(s),
		FileTemplate: Expand(h.template, s),
		Parameter:    Expand(h.parameters.hostTemplate, s),
	}.Host()
	at := position(s, from)
	if from == routing.FileTemplate || from == routing.Parameter {
		if err := hostname.CheckDeclared(host); err != nil {
			return Service{}, source.Errorf(at, "service %s: host_template: %w", s.FullName(), err)
		}
	}
	h.consider(at, s, host)
	for _, alias := range options.GetAliases() {
		h.consider(source.OptionPosition(s, gohostv1.E_Service), s, strings.TrimPrefix(alias, "*."))
	}
	return Service{Host: host, Aliases: options.GetAliases(), At: at}, nil
}

// OfMethod returns the host that m declares itself, or "".
func (h *Hosts) OfMethod(m protoreflect.MethodDescriptor) (string, error) {
	options := source.Option[*gohostv1.MethodOptions](m, gohostv1.E_Method)
	if options == nil || options.Host == nil {
		return "", nil
	}
	if err := hostname.CheckDeclared(options.GetHost()); err != nil {
		return "", refusal(m, gohostv1.E_Method, err)
	}
	h.consider(source.OptionPosition(m, gohostv1.E_Method), m, options.GetHost())
	return options.GetHost(), nil
}

// position returns where the host of s has been declared.
func position(s protoreflect.ServiceDescriptor, from routing.Source) source.Place {
	switch from {
	case routing.Service:
		return source.OptionPosition(s, gohostv1.E_Service)
	case routing.DefaultHost:
		return source.FieldPosition(s, defaultHostField)
	case routing.FileTemplate:
		return source.OptionPosition(s.ParentFile(), gohostv1.E_File)
	}
	return source.Position(s)
}

// refusal returns the error of the option ext of d, nil where err is nil.
func refusal(d protoreflect.Descriptor, ext protoreflect.ExtensionType, err error) error {
	if err == nil {
		return nil
	}
	return source.Errorf(source.OptionPosition(d, ext), "%s %s: %w", source.Kind(d), d.FullName(), err)
}

// consider warns of a host that is valid, but works badly with other software.
func (h *Hosts) consider(at source.Place, d protoreflect.Descriptor, host string) {
	switch {
	case host == "":
	case strings.Contains(host, "_"):
		h.warn(at, d, "host %q has an underscore, which some proxies and certificate authorities refuse", host)
	case !strings.Contains(host, "."):
		h.warn(at, d, "host %q has a single label, which no certificate authority signs", host)
	}
}

// WarnShared warns of a host of s that an earlier service of the file has
// already. It is for plugins that do not see all files of a program at once.
func (h *Hosts) WarnShared(s protoreflect.ServiceDescriptor, declaration Service) {
	host := declaration.Host
	if host == "" {
		return
	}
	if first := h.services[host]; first != nil {
		h.warn(declaration.At, s, "host %q is also that of service %s (%s): a proxy that routes by host alone sends both to one backend",
			host, first.FullName(), source.Position(first))
		return
	}
	h.services[host] = s
}

func (h *Hosts) warn(at source.Place, d protoreflect.Descriptor, format string, args ...any) {
	source.Warn(h.warnings, at, "%s %s: %s", source.Kind(d), d.FullName(), fmt.Sprintf(format, args...))
}
