// Package declared finds out which hosts a .proto declares for its services.
// All plugins use it, so they agree on which declaration wins.
package declared

import (
	"errors"
	"io"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/routing"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

// Hosts holds what the services of one file declare about their hosts.
type Hosts struct {
	request    *Request
	warnings   io.Writer
	places     *diag.Options
	template   string // of the file
	templateAt diag.Place
	shared     []*sharing // in their order
	byHost     map[string]*sharing
}

// Service holds what is declared about the hosts of a service.
type Service struct {
	Host    string // "" if none is declared
	Aliases []string
	At      diag.Place // of the declaration of Host
}

// OfService returns the declarations about the hosts of s.
func (h *Hosts) OfService(s protoreflect.ServiceDescriptor) (Service, error) {
	options := new(gohostv1.ServiceOptions)
	optionAt, err := h.read(s, serviceOption, options)
	errs := []error{err}
	if options.Host != nil {
		errs = append(errs, refusal(optionAt, s, hostname.CheckDeclared(options.GetHost())))
	}
	for _, alias := range options.GetAliases() {
		errs = append(errs, refusal(optionAt, s, hostname.CheckAlias(alias)))
	}
	if err := errors.Join(errs...); err != nil {
		return Service{}, err
	}
	theirs, theirsAt := h.defaultHost(s)
	host, from := routing.Sources{
		Service:      options.GetHost(),
		DefaultHost:  theirs,
		FileTemplate: Expand(h.template, s),
		Parameter:    Expand(h.request.hostTemplate, s),
	}.Host()
	at := diag.Position(s)
	switch from {
	case routing.Service:
		at = optionAt
	case routing.DefaultHost:
		at = theirsAt
	case routing.FileTemplate:
		at = h.templateAt
	}
	if from == routing.FileTemplate || from == routing.Parameter {
		if err := hostname.CheckDeclared(host); err != nil {
			return Service{}, diag.Errorf(at, "service %s: host_template: %w", s.FullName(), err)
		}
	}
	h.consider(at, s, host)
	for _, alias := range options.GetAliases() {
		h.consider(optionAt, s, strings.TrimPrefix(alias, "*."))
	}
	if from != routing.DefaultHost {
		h.note(s, host, at)
	}
	return Service{Host: host, Aliases: options.GetAliases(), At: at}, nil
}

// OfMethod returns the host that m declares itself, or "", and its place.
func (h *Hosts) OfMethod(m protoreflect.MethodDescriptor) (string, diag.Place, error) {
	options := new(gohostv1.MethodOptions)
	at, err := h.read(m, methodOption, options)
	if err != nil || options.Host == nil {
		return "", at, err
	}
	if err := hostname.CheckDeclared(options.GetHost()); err != nil {
		return "", at, refusal(at, m, err)
	}
	h.consider(at, m, options.GetHost())
	return options.GetHost(), at, nil
}

// refusal returns err as the error of d's option at a place, or nil if err is
// nil.
func refusal(at diag.Place, d protoreflect.Descriptor, err error) error {
	if err == nil {
		return nil
	}
	return diag.Errorf(at, "%s: %w", describe(d), err)
}

// consider warns of a host that is valid but works badly with other software.
func (h *Hosts) consider(at diag.Place, d protoreflect.Descriptor, host string) {
	switch {
	case host == "":
	case strings.Contains(host, "_"):
		h.warn(at, d, "host %q has an underscore, which some proxies and certificate authorities refuse", host)
	case !strings.Contains(host, "."):
		h.warn(at, d, "host %q has a single label, which no certificate authority signs", host)
	}
}
