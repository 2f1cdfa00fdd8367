package main

const (
	authority        = "internal/routing/authority.go"
	environment      = "internal/routing/environment.go"
	checkEnvironment = "internal/routing/checkenvironment.go"
	precedence       = "internal/routing/precedence.go"
)

var routingBugs = []bug{
	// The authority that a call asks for.
	{"first authority wins", authority, "for _, opt := range opts {\n\t\tswitch opt", "for _, opt := range opts {\n\t\tif last != nil {\n\t\t\tbreak\n\t\t}\n\t\tswitch opt"},
	{"authority by a value not seen", authority, "case grpc.AuthorityOverrideCallOption:\n\t\t\tlast = &opt.Authority", "case grpc.AuthorityOverrideCallOption:"},
	{"authority by a pointer not seen", authority, "\t\tcase *grpc.AuthorityOverrideCallOption:\n\t\t\tlast = &opt.Authority\n", ""},
	{"empty authority not seen", authority, "\treturn last\n", "\tif last != nil && *last == \"\" {\n\t\treturn nil\n\t}\n\treturn last\n"},
	{"authority of the channel refused", authority, "if host == \"\" {", "if false {"},
	{"all hosts sent", authority, "return hostname.Check(host)", "_ = hostname.Check\n\treturn nil"},
	{"only declared hosts sent", authority, "return hostname.Check(host)", "return hostname.CheckDeclared(host)"},
	// The environment.
	{"spaces kept", environment, "\t\t\ttext = strings.TrimSpace(text)\n", ""},
	{"empty entry refused", environment, "if text == \"\" {\n\t\t\t\tcontinue", "if false {\n\t\t\t\tcontinue"},
	{"empty entry ends the list", environment, "if text == \"\" {\n\t\t\t\tcontinue", "if text == \"\" {\n\t\t\t\tbreak"},
	{"entry without = accepted", environment, "case !ok || !isPattern(pattern):", "case !ok && false || !isPattern(pattern):"},
	{"anything is a pattern", environment, "case !ok || !isPattern(pattern):", "case !ok:"},
	{"text that is not an entry ignored", environment, "err = e.errorf(\"an entry is", "_ = e.errorf(\"an entry is"},
	{"second entry ignored", environment, "case seen[pattern]:", "case false:"},
	{"seen once is enough", environment, "seen[pattern] = true", "seen[pattern] = pattern != \"b.*\""},
	{"error without its entry", environment, "return e.text, err", "return \"\", err"},
	{"error of a host without its entry", environment, "return best.text, err", "return \"\", err"},
	{"invalid host returned instead of the entry", environment, "return best.text, err", "return best.host, err"},
	{"invalid host accepted", environment, "if err := hostname.Check(e.host); err != nil {", "if err := hostname.Check(e.host); false && err != nil {"},
	{"declared hosts only", environment, "hostname.Check(e.host); err", "hostname.CheckDeclared(e.host); err"},
	{"all entries' hosts checked", environment, "\t\t\tseen[pattern] = true\n", "\t\t\tseen[pattern] = true\n\t\t\tif err == nil {\n\t\t\t\terr = e.checkHost()\n\t\t\t}\n"},
	{"first entry wins", environment, " && moreSpecific(e.pattern, best.pattern) {", " && best.pattern == \"\" {"},
	{"last entry wins", environment, " && moreSpecific(e.pattern, best.pattern) {", " {"},
	{"least specific wins", environment, "return len(a) > len(b)", "return b == \"\" || len(a) < len(b)"},
	{"longer pattern wins over the service", environment, "\tif exactA != exactB {\n\t\treturn exactA\n\t}\n", "\t_, _ = exactA, exactB\n"},
	{"pattern wins over the service", environment, "return exactA\n", "return exactB\n"},
	{"nothing is exact", environment, "b != \"\" && !strings.HasSuffix(b, \"*\")", "!strings.HasSuffix(b, \"*\")"},
	{"package matches names with its prefix", environment, "strings.CutSuffix(pattern, \"*\"); ok {\n\t\treturn strings.HasPrefix(service, prefix)", "strings.CutSuffix(pattern, \"*\"); ok {\n\t\treturn strings.HasPrefix(service, strings.TrimSuffix(prefix, \".\"))"},
	{"package matches only its own services", environment, "return strings.HasPrefix(service, prefix)", "return strings.HasPrefix(service, prefix) && !strings.Contains(service[len(prefix):], \".\")"},
	{"service matches names with its prefix", environment, "return pattern == service", "return strings.HasPrefix(service, pattern)"},
	{"* does not match services without a package", environment, "if p == \"*\" {\n\t\treturn true", "if p == \"*\" {\n\t\treturn false"},
	{"empty label is a name", environment, "if label == \"\" || ", "if "},
	{"underscore is not valid in a name", environment, "r != '_' && ", ""},
	{"digit is not valid in a name", environment, "'0' <= r && r <= '9' || ", ""},
	{"upper case is not valid in a name", environment, " || 'A' <= r && r <= 'Z'", ""},
	{"lower case is not valid in a name", environment, " || 'a' <= r && r <= 'z'", ""},
	{"0 is not valid in a name", environment, "'0' <= r", "'0' < r"},
	{"9 is not valid in a name", environment, "r <= '9'", "r < '9'"},
	{"a is not valid in a name", environment, "'a' <= r", "'a' < r"},
	{"z is not valid in a name", environment, "r <= 'z'", "r < 'z'"},
	{"A is not valid in a name", environment, "'A' <= r", "'A' < r"},
	{"Z is not valid in a name", environment, "r <= 'Z'", "r < 'Z'"},
	{"error without the variable", environment, "environment variable %s: entry %q: %w\", Variable, e.text,", "%sentry %q: %w\", Variable[:0], e.text,"},
	// The environment, for a whole program.
	{"hosts of all entries not checked", checkEnvironment, "errors.Join(e.checkHost(), e", "errors.Join(e"},
	{"entries for no service accepted", checkEnvironment, "errors.Join(e.checkHost(), e.checkServices(services))", "e.checkHost()"},
	{"only the first mistake reported", checkEnvironment, "\t\terrs = append(errs, err)\n", "\t\tif len(errs) == 0 || errs[0] == nil {\n\t\t\terrs = append(errs[:0], err)\n\t\t}\n"},
	{"same last label is not alike", checkEnvironment, "return last(service) == last(pattern)", "return false"},
	{"same beginning is not alike", checkEnvironment, "strings.HasPrefix(service, pattern) || ", ""},
	{"longer name is not alike", checkEnvironment, " || strings.HasPrefix(pattern, service)", ""},
	{"same beginning of the last label is not alike", checkEnvironment, " || strings.HasPrefix(last(service), last(pattern))", ""},
	{"upper case is not alike", checkEnvironment, "pattern = strings.ToLower(strings.TrimSuffix(pattern, \".*\"))", "pattern = strings.TrimSuffix(pattern, \".*\")"},
	{"package pattern is not similar to anything", checkEnvironment, "strings.ToLower(strings.TrimSuffix(pattern, \".*\"))", "strings.ToLower(pattern)"},
	{"no suggestions without similar names", checkEnvironment, "\treturn services\n", "\treturn nil\n"},
	{"names without an order", checkEnvironment, "names = slices.Sorted(slices.Values(names))", "names = slices.Collect(slices.Values(names))"},
	// Who wins.
	{"call cannot choose the channel's host", precedence, "if s.Call != nil {", "if s.Call != nil && *s.Call != \"\" {"},
	{"method wins over the environment", precedence, "s.Environment, s.Method,", "s.Method, s.Environment,"},
	{"service wins over the method", precedence, "s.Method, s.Service,", "s.Service, s.Method,"},
	{"default_host wins over the service", precedence, "s.Service, s.DefaultHost,", "s.DefaultHost, s.Service,"},
	{"parameter wins over the file", precedence, "s.FileTemplate, s.Parameter}", "s.Parameter, s.FileTemplate}"},
	{"file forgotten", precedence, "s.DefaultHost, s.FileTemplate, s.Parameter}", "s.DefaultHost, \"\", s.Parameter}"},
	{"parameter forgotten", precedence, "s.FileTemplate, s.Parameter}", "s.FileTemplate}"},
	{"wrong source reported", precedence, "return host, Environment + Source(i)", "return host, Method + Source(i)"},
	{"environment reported as the source", precedence, "return *s.Call, Call", "return *s.Call, Environment"},
	{"parameter reported without a host", precedence, "return \"\", Channel", "return \"\", Parameter"},
}
