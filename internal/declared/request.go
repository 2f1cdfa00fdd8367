package declared

import (
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/extension"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

// The options that declare hosts.
var (
	fileOption    = extension.Of(gohostv1.E_File)
	serviceOption = extension.Of(gohostv1.E_Service)
	methodOption  = extension.Of(gohostv1.E_Method)
	defaultHost   = extension.Extension{
		Name:     "google.api.default_host",
		Extendee: serviceOption.Extendee,
		Path:     "google/api/client.proto",
		Number:   1049,
	}
)

// Request holds what decides about hosts in one request: the parameters of the
// plugin, and which files see the options.
type Request struct {
	hostTemplate      string // of services that declare no host; "" for none
	ignoreDefaultHost bool   // do not look at google.api.default_host
	options           *extension.Index
}

// Set sets the parameter name, and reports whether there is such a parameter.
func (r *Request) Set(name, value string) (known bool, err error) {
	switch name {
	case "host_template":
		r.hostTemplate = value
		return true, CheckTemplate(name, value)
	case "default_host":
		if value != "use" && value != "ignore" {
			return true, fmt.Errorf("default_host=%s: allowed are use, the default, and ignore", value)
		}
		r.ignoreDefaultHost = value == "ignore"
		return true, nil
	}
	return false, nil
}

// Read finds out which files of req see the options. Until it is called, none
// does.
func (r *Request) Read(req *pluginpb.CodeGeneratorRequest) {
	r.options = extension.NewIndex(req.GetProtoFile(), fileOption, serviceOption, methodOption, defaultHost)
}

// OptionsPath returns the path of the file from which the file at path sees
// gohost's options, or "".
func (r *Request) OptionsPath(path string) string {
	for _, e := range []extension.Extension{fileOption, serviceOption, methodOption} {
		if option := r.options.Find(path, e); option != nil {
			return option.Path
		}
	}
	return ""
}

// HasHost reports whether m declares a host of its own.
func (r *Request) HasHost(m protoreflect.MethodDescriptor) bool {
	options := new(gohostv1.MethodOptions)
	if option := r.options.Find(m.ParentFile().Path(), methodOption); option != nil {
		option.Message(m, options)
	}
	return options.GetHost() != ""
}

// read reads the option e of d into m and returns its place. If the option is
// not set, m is unchanged.
func (h *Hosts) read(d protoreflect.Descriptor, e extension.Extension, m proto.Message) (diag.Place, error) {
	option := h.request.options.Find(d.ParentFile().Path(), e)
	if option == nil {
		return diag.Position(d), nil
	}
	for _, name := range option.UnknownOptions(d) {
		h.warn(diag.Position(d), d, "option (%s) is ignored, since this version of the plugin does not know it: update the plugin", name)
	}
	set, ok := option.Message(d, m)
	if !set {
		return diag.Position(d), nil
	}
	at := h.places.Position(d, option.Number)
	if !ok {
		proto.Reset(m)
		return at, diag.Errorf(at, "%s: option (%s) cannot be read, since its bytes do not match this version of the plugin: replace %s with the file that the plugin writes with --export-proto", describe(d), e.Name, diag.Clean(option.Path))
	}
	for _, name := range option.Unknown(m) {
		h.warn(at, d, "field %s of option (%s) is ignored, since this version of the plugin does not know it: update the plugin", name, e.Name)
	}
	return at, nil
}

// describe returns the kind and the name of d.
func describe(d protoreflect.Descriptor) string {
	if f, ok := d.(protoreflect.FileDescriptor); ok {
		return "file " + diag.Clean(f.Path())
	}
	return fmt.Sprintf("%s %s", diag.Kind(d), d.FullName())
}

func (h *Hosts) warn(at diag.Place, d protoreflect.Descriptor, format string, args ...any) {
	diag.Warn(h.warnings, at, "%s: %s", describe(d), fmt.Sprintf(format, args...))
}

// InFile returns the hosts of f. It writes a line to warnings for each thing
// that is allowed but may surprise. The error is about the file's own option.
func (r *Request) InFile(f protoreflect.FileDescriptor, warnings io.Writer) (*Hosts, error) {
	h := &Hosts{request: r, warnings: warnings, places: diag.OptionsOf(f), byHost: make(map[string]*sharing)}
	options := new(gohostv1.FileOptions)
	at, err := h.read(f, fileOption, options)
	if err != nil || options.HostTemplate == nil {
		return h, err
	}
	h.templateAt = at
	if err := CheckTemplate("host_template", options.GetHostTemplate()); err != nil {
		return h, diag.Errorf(at, "%s: %w", describe(f), err)
	}
	h.template = options.GetHostTemplate()
	return h, nil
}
