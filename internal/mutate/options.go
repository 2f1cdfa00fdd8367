package main

const (
	optionIndex       = "internal/extension/index.go"
	optionValue       = "internal/extension/value.go"
	optionRequest     = "internal/protocplugin/request.go"
	optionAnswer      = "internal/protocplugin/plugin.go"
	optionRead        = "internal/declared/request.go"
	optionHosts       = "internal/declared/declared.go"
	optionDefaultHost = "internal/declared/defaulthost.go"
	optionShared      = "internal/declared/shared.go"
	optionPackage     = "generator/checkoptions.go"
)

// optionBugs are bugs in how both plugins find and read the options for hosts.
var optionBugs = []bug{
	// The request.
	{"linked options are read", optionRequest, "proto.UnmarshalOptions{Resolver: types}.Unmarshal(b, req)", "proto.UnmarshalOptions{Resolver: protoregistry.GlobalTypes}.Unmarshal(b, req)"},
	{"the features of Go are bytes", optionRequest, "types.RegisterExtension(gofeaturespb.E_Go)", "new(protoregistry.Types).RegisterExtension(gofeaturespb.E_Go)"},
	{"a command reads linked options", optionAnswer, "req, err := Unmarshal(b)\n\tif err != nil {", "req := new(pluginpb.CodeGeneratorRequest)\n\tif err := proto.Unmarshal(b, req); err != nil {"},
	// Which options a file sees.
	{"options-only imports are not seen", optionIndex, "slices.Concat(f.GetDependency(), f.GetOptionDependency())", "slices.Concat(f.GetDependency())"},
	{"other imports are not seen", optionIndex, "slices.Concat(f.GetDependency(), f.GetOptionDependency())", "slices.Concat(f.GetOptionDependency())"},
	{"imports of an import are not seen", optionIndex, "from = x.add(imported, byPath)", "from = x.declaredBy(imported)"},
	{"any option with that name", optionIndex, "k.Name == e.Name && k.Extendee == e.Extendee", "k.Name == e.Name"},
	{"any option for that element", optionIndex, "k.Name == e.Name && k.Extendee == e.Extendee", "k.Extendee == e.Extendee"},
	{"options for other elements count as unknown", optionIndex, "return e.Extendee != d.Extendee", "return false"},
	{"no option counts as unknown", optionIndex, "others = append(others, e)", "_ = e"},
	{"any omitted file has the options", optionIndex, "if path == e.Path || strings.HasSuffix(path, \"/\"+e.Path) {", "if true {"},
	{"no omitted file has the options", optionIndex, "if path == e.Path || strings.HasSuffix(path, \"/\"+e.Path) {", "if false {"},
	{"an omitted file has the options only under their path", optionIndex, " || strings.HasSuffix(path, \"/\"+e.Path)", ""},
	{"the number is that of this program", optionIndex, "Number:   protoreflect.FieldNumber(field.GetNumber()),", "Number:   81750 + 0*protoreflect.FieldNumber(field.GetNumber()),"},
	// What is set.
	{"the last part of an option alone", optionValue, "proto.UnmarshalOptions{Merge: true}", "proto.UnmarshalOptions{}"},
	{"an unreadable part is empty", optionValue, "\t\t\treturn true, false\n", "\t\t\treturn false, true\n"},
	{"a field of another kind counts as unknown", optionValue, "ok = ok && fields.ByNumber(number) == nil", "_ = fields.ByNumber(number)"},
	{"every unknown field counts as one of another kind", optionValue, "ok = ok && fields.ByNumber(number) == nil", "ok = ok && fields.ByNumber(number) != nil"},
	{"an unreadable option counts as unset", optionValue, "return len(values) > 0 || !ok, ok", "return len(values) > 0 && ok, ok"},
	{"an option is always set", optionValue, "return len(values) > 0 || !ok, ok", "return true, ok"},
	{"the first of several strings", optionValue, "string(values[len(values)-1])", "string(values[0])"},
	{"an option of any type", optionValue, " || d.field.GetType() == typ || ", " || true || "},
	{"an option that the request omits has no type", optionValue, "(d.field == nil || ", "("},
	{"a field has no name", optionValue, "name := d.fieldName(number)", "name := d.fieldName(-number)"},
	{"an unknown option is not searched for", optionValue, "!ok || len(values) > 0 {\n\t\t\tnames", "ok && !ok && len(values) > 0 {\n\t\t\tnames"},
	{"an unknown option is always set", optionValue, "!ok || len(values) > 0 {\n\t\t\tnames", "ok || !ok || len(values) > 0 {\n\t\t\tnames"},
	{"an unknown option counts as a message", optionValue, "!ok || len(values) > 0 {\n\t\t\tnames", "ok && len(values) > 0 {\n\t\t\tnames"},
	{"an unknown field is reported each time", optionValue, "!slices.Contains(numbers, number)", "!slices.Contains(numbers, -number)"},
	{"every field counts as the option", optionValue, "if num == number {", "if num > 0 || num == number {"},
	{"any bytes count as a message", optionValue, "ok = ok && typ == protowire.BytesType", "_ = typ == protowire.BytesType"},
	// Errors and warnings.
	{"unreadable options are ignored", optionRead, "if !ok {\n\t\tproto.Reset(m)\n\t\treturn at, diag", "if !ok {\n\t\treturn at, nil\n\t\treturn at, diag"},
	{"the place of an option is that of its element", optionRead, "at := h.places.Position(d, option.Number)", "at := diag.Position(d)"},
	{"no warning of a field", optionRead, "range option.Unknown(m) {", "range option.Unknown(m)[:0] {"},
	{"no warning of an option", optionRead, "range option.UnknownOptions(d) {", "range option.UnknownOptions(d)[:0] {"},
	{"a file is named by its package", optionRead, "return \"file \" + diag.Clean(f.Path())", "return \"file \" + string(f.Package())"},
	{"the error of a file's option is lost", optionRead, "if err != nil || options.HostTemplate == nil {\n\t\treturn h, err", "if err != nil || options.HostTemplate == nil {\n\t\treturn h, nil"},
	{"a template of a file is not checked", optionRead, "if err := CheckTemplate(\"host_template\", options.GetHostTemplate()); err != nil {", "if err := CheckTemplate(\"host_template\", options.GetHostTemplate()); false {"},
	{"the place of a template is unknown", optionRead, "\th.templateAt = at\n", ""},
	{"a host of a service is not checked", optionHosts, "errs = append(errs, refusal(optionAt, s, hostname.CheckDeclared(options.GetHost())))", "_ = optionAt"},
	{"an alias is not checked", optionHosts, "errs = append(errs, refusal(optionAt, s, hostname.CheckAlias(alias)))", "_ = alias"},
	{"an alias is a host", optionHosts, "hostname.CheckAlias(alias)", "hostname.CheckDeclared(alias)"},
	{"a host of a method is not checked", optionHosts, "return \"\", at, refusal(at, m, err)", "return options.GetHost(), at, nil"},
	{"a host of a template is not checked", optionHosts, "if from == routing.FileTemplate || from == routing.Parameter {", "if false {"},
	{"a host of a parameter is not checked", optionHosts, "if from == routing.FileTemplate || from == routing.Parameter {", "if from == routing.FileTemplate {"},
	{"google.api.default_host is not supported", optionDefaultHost, "if option == nil || h.request.ignoreDefaultHost {", "if true || option == nil {"},
	{"google.api.default_host cannot be ignored", optionDefaultHost, " || h.request.ignoreDefaultHost", ""},
	{"the port of HTTPS is kept", optionDefaultHost, "strings.TrimSuffix(value, \":443\")", "value + strings.TrimSuffix(\"\", value)"},
	{"google.api.default_host is not checked", optionDefaultHost, "return \"\", at\n\t}\n\treturn host, at", "return host, at\n\t}\n\treturn host, at"},
	{"google.api.default_host is at its service", optionDefaultHost, "at := h.places.Position(s, option.Number)", "at := diag.Position(s)"},
	// Hosts that services share.
	{"one service is enough to share", optionShared, "if len(shared.services) < 2 {", "if len(shared.services) < 1 {"},
	{"three services are needed to share", optionShared, "if len(shared.services) < 2 {", "if len(shared.services) < 3 {"},
	{"services without a host share it", optionShared, "if host == \"\" {", "if false {"},
	{"services that share a host of google.api.default_host are reported", optionHosts, "if from != routing.DefaultHost {", "if true {"},
	{"services that share a host are not reported", optionHosts, "h.note(s, host, at)", "_ = at"},
	// The Go package of the options.
	{"another Go package is allowed", optionPackage, "if declaring.GoImportPath == ours {", "if true {"},
	{"the name of a Go package is part of its path", optionPackage, "importPath, _, _ := strings.Cut(ours, \";\")", "importPath, _, _ := strings.Cut(ours, \"!\")"},
	{"each file reports the Go package", optionPackage, "if checked[file] || ", "if "},
	{"options that the request omits have a Go package", optionPackage, " || declaring == nil {", " {"},
	{"the parameter is not blamed", optionPackage, "; ok {\n\t\treturn fmt.Sprintf(\"remove", "; ok && false {\n\t\treturn fmt.Sprintf(\"remove"},
	{"the parameter is always blamed", optionPackage, "; ok {\n\t\treturn fmt.Sprintf(\"remove", "; !ok {\n\t\treturn fmt.Sprintf(\"remove"},
}
