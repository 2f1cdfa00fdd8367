package generator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/internal/declared"
	"github.com/gohostrpc/gohost/internal/diag"
)

// buildAll makes the models of files, in their order.
func buildAll(files []*protogen.File, opts options, warnings io.Writer) ([]file, error) {
	models := make([]file, len(files))
	warned := make([]bytes.Buffer, len(files))
	err := inParallel(len(files), func(i int) (err error) {
		models[i], err = build(files[i], opts, &warned[i])
		return err
	})
	for i := range warned {
		warned[i].WriteTo(warnings) //nolint:errcheck // warnings that cannot be written are lost
	}
	return models, err
}

// build makes the model of f, and writes its warnings. It returns every error
// that it finds.
func build(f *protogen.File, opts options, warnings io.Writer) (file, error) {
	_, _, pkg := opts.output(f)
	model := file{
		Header:  headerOf(f),
		Source:  neutral(diag.Clean(f.Desc.Path())),
		Package: pkg,
	}
	if opts.packageSuffix != "" {
		// Otherwise protoc-gen-go has already written it into the same package.
		model.Doc = packageDocOf(f)
	}
	hosts, err := opts.hosts.InFile(f.Desc, warnings)
	errs := []error{err}
	for _, s := range f.Services {
		built, err := buildService(f, s, hosts)
		model.Services = append(model.Services, built)
		errs = append(errs, err)
	}
	hosts.WarnShared()
	return model, errors.Join(errs...)
}

func buildService(f *protogen.File, s *protogen.Service, hosts *declared.Hosts) (service, error) {
	declaration, err := hosts.OfService(s.Desc)
	errs := []error{err}
	deprecated := serviceDeprecation(f, s)
	doc := comment(string(s.Comments.Leading), string(s.Comments.Trailing))
	if doc == "" {
		doc = comment(fmt.Sprintf("%s is the service %s.", s.GoName, s.Desc.FullName()))
	}
	built := service{
		serviceNames: namesOf(s),
		Location:     s.Location,
		FullName:     string(s.Desc.FullName()),
		Host:         declaration.Host,
		Aliases:      declaration.Aliases,
		Source:       f.Desc.Path(),
		Detached:     detached(s.Comments.LeadingDetached),
		Doc:          formatted(withDeprecation(doc, deprecated)),
		Deprecated:   deprecated,
	}
	streams := 0
	for _, m := range s.Methods {
		method, err := buildMethod(m, hosts)
		errs = append(errs, err)
		if method.Streaming {
			method.StreamIndex = streams
			streams++
		}
		built.Methods = append(built.Methods, method)
	}
	align(built.Methods)
	return built, errors.Join(errs...)
}

// align pads the names of constants in one block to the same length, like
// gofmt.
func align(methods []method) {
	width, hostWidth := 0, 0
	for _, m := range methods {
		width = max(width, utf8.RuneCountInString(m.Const))
		if m.Host != "" {
			hostWidth = max(hostWidth, utf8.RuneCountInString(m.HostConst))
		}
	}
	for i := range methods {
		m := &methods[i]
		m.AlignedConst = fmt.Sprintf("%-*s", width, m.Const)
		m.AlignedHostConst = fmt.Sprintf("%-*s", hostWidth, m.HostConst)
	}
}

func buildMethod(m *protogen.Method, hosts *declared.Hosts) (method, error) {
	host, _, err := hosts.OfMethod(m.Desc)
	deprecated := ""
	if m.Desc.Options().(*descriptorpb.MethodOptions).GetDeprecated() {
		deprecated = comment(fmt.Sprintf("Deprecated: the method is marked as deprecated in %s.", diag.Clean(m.Desc.ParentFile().Path())))
	}
	leading, trailing := string(m.Comments.Leading), string(m.Comments.Trailing)
	calls := fmt.Sprintf("%s calls %s.", m.GoName, fullName(m))
	return method{
		Location:         m.Location,
		GoName:           m.GoName,
		Name:             string(m.Desc.Name()),
		Kind:             kind(m.Desc),
		Streaming:        m.Desc.IsStreamingClient() || m.Desc.IsStreamingServer(),
		StreamsRequests:  m.Desc.IsStreamingClient(),
		StreamsResponses: m.Desc.IsStreamingServer(),
		Const:            methodConst(m),
		FullName:         fullName(m),
		HostConst:        methodHostConst(m),
		Host:             host,
		Input:            m.Input.GoIdent,
		Output:           m.Output.GoIdent,
		Detached:         indented(detached(m.Comments.LeadingDetached)),
		Doc:              indented(withDeprecation(comment(leading, trailing), deprecated)),
		StubDoc:          formatted(withDeprecation(comment(leading, trailing, calls), deprecated)),
		Handler:          handlerFunc(m),
	}, err
}

func kind(m protoreflect.MethodDescriptor) string {
	switch {
	case m.IsStreamingClient() && m.IsStreamingServer():
		return bidiStreaming
	case m.IsStreamingClient():
		return clientStreaming
	case m.IsStreamingServer():
		return serverStreaming
	}
	return unary
}

// serviceDeprecation returns the paragraph that marks s as deprecated, or "". A
// deprecated file deprecates its services, not the Go package, which may have
// other files.
func serviceDeprecation(f *protogen.File, s *protogen.Service) string {
	what := ""
	switch {
	case s.Desc.Options().(*descriptorpb.ServiceOptions).GetDeprecated():
		what = "service is marked as deprecated in " + f.Desc.Path()
	case f.Proto.GetOptions().GetDeprecated():
		what = "file " + f.Desc.Path() + " is marked as deprecated"
	default:
		return ""
	}
	return comment(fmt.Sprintf("Deprecated: the %s.", diag.Clean(what)))
}

// withDeprecation appends the paragraph deprecated to the comment doc, unless
// doc has one of its own. Both may be empty.
func withDeprecation(doc, deprecated string) string {
	if doc == "" || deprecated == "" || saysDeprecated(doc) {
		return cmp.Or(doc, deprecated)
	}
	return doc + "//\n" + deprecated
}

// saysDeprecated reports whether doc has a paragraph that tools take as a
// deprecation.
func saysDeprecated(doc string) bool {
	return strings.HasPrefix(doc, "// Deprecated: ") || strings.Contains(doc, "\n//\n// Deprecated: ")
}

// headerOf returns the comments above the syntax or edition line of f, usually
// the licence.
func headerOf(f *protogen.File) string {
	const syntax, edition = 12, 14 // the numbers of these fields in FileDescriptorProto
	header := ""
	for _, field := range []int32{syntax, edition} {
		l := f.Desc.SourceLocations().ByPath(protoreflect.SourcePath{field})
		header += detachedStrings(l.LeadingDetachedComments)
		if doc := comment(l.LeadingComments, l.TrailingComments); doc != "" {
			header += doc + "\n"
		}
	}
	return header
}

// packageDocOf returns the comment of the package statement of f.
func packageDocOf(f *protogen.File) string {
	const pkg = 2 // the number of the field in FileDescriptorProto
	l := f.Desc.SourceLocations().ByPath(protoreflect.SourcePath{pkg})
	return detachedStrings(l.LeadingDetachedComments) + formatted(comment(l.LeadingComments, l.TrailingComments))
}

func detachedStrings(comments []string) string {
	return detached(slices.Collect(func(yield func(protogen.Comments) bool) {
		for _, c := range comments {
			if !yield(protogen.Comments(c)) {
				return
			}
		}
	}))
}
