package main

const (
	authority   = "internal/routing/authority.go"
	environment = "internal/routing/environment.go"
	precedence  = "internal/routing/precedence.go"
)

var routingBugs = []bug{
	// The authority that a call asks for.
	{"first authority wins", authority, "for _, opt := range opts {\n\t\tswitch opt", "for _, opt := range opts {\n\t\tif last != nil {\n\t\t\tbreak\n\t\t}\n\t\tswitch opt"},
	{"authority by a value not seen", authority, "case grpc.AuthorityOverrideCallOption:\n\t\t\tlast = &opt.Authority", "case grpc.AuthorityOverrideCallOption:"},
	{"authority by a pointer not seen", authority, "\t\tcase *grpc.AuthorityOverrideCallOption:\n\t\t\tlast = &opt.Authority\n", ""},
	{"empty authority not seen", authority, "\treturn last\n", "\tif last != nil && *last == \"\" {\n\t\treturn nil\n\t}\n\treturn last\n"},
	{"authority of the channel refused", authority, "if host == \"\" {", "if false {"},
	{"all hosts sent", authority, "return hostname.Check(host)", "_ = hostname.Check\n\treturn nil"},
	{"declared hosts sent only", authority, "return hostname.Check(host)", "return hostname.CheckDeclared(host)"},
	// The environment.
	{"spaces kept", environment, "\t\te = strings.TrimSpace(e)\n", ""},
	{"empty entry refused", environment, "if e == \"\" {\n\t\t\tcontinue", "if false {\n\t\t\tcontinue"},
	{"empty entry ends the list", environment, "if e == \"\" {\n\t\t\tcontinue", "if e == \"\" {\n\t\t\tbreak"},
	{"entry without = accepted", environment, "case !ok || !isPattern(pattern):", "case !ok && false || !isPattern(pattern):"},
	{"anything is a pattern", environment, "case !ok || !isPattern(pattern):", "case !ok:"},
	{"text that is not an entry ignored", environment, "case !ok || !isPattern(pattern):\n\t\t\treturn e, fmt.Errorf(", "case !ok || !isPattern(pattern):\n\t\t\t_, _ = e, fmt.Errorf("},
	{"second entry ignored", environment, "case seen[pattern]:", "case false:"},
	{"seen once is enough", environment, "seen[pattern] = true", "seen[pattern] = isFor(pattern, service)"},
	{"error without its entry", environment, "return e, fmt.Errorf(\"environment variable %s: entry %q: an entry", "return \"\", fmt.Errorf(\"environment variable %s: entry %q: an entry"},
	{"error of a second entry without its entry", environment, "return e, fmt.Errorf(\"environment variable %s: entry %q: there", "return \"\", fmt.Errorf(\"environment variable %s: entry %q: there"},
	{"error of a host without its entry", environment, "return entry, fmt.Errorf", "return \"\", fmt.Errorf"},
	{"invalid host returned for the entry", environment, "return entry, fmt.Errorf", "return host, fmt.Errorf"},
	{"invalid host accepted", environment, "if err := hostname.Check(host); err != nil {", "if err := hostname.Check(host); false && err != nil {"},
	{"declared hosts only", environment, "hostname.Check(host); err", "hostname.CheckDeclared(host); err"},
	{"all entries' hosts checked", environment, "\t\tseen[pattern] = true\n", "\t\tseen[pattern] = true\n\t\tif err := hostname.Check(h); err != nil {\n\t\t\treturn e, fmt.Errorf(\"environment variable %s: entry %q: %w\", Variable, e, err)\n\t\t}\n"},
	{"first entry wins", environment, " && moreSpecific(pattern, best) {", " && best == \"\" {"},
	{"last entry wins", environment, " && moreSpecific(pattern, best) {", " {"},
	{"least specific wins", environment, "return len(a) > len(b)", "return b == \"\" || len(a) < len(b)"},
	{"longer pattern wins over the service", environment, "\tif exactA != exactB {\n\t\treturn exactA\n\t}\n", "\t_, _ = exactA, exactB\n"},
	{"pattern wins over the service", environment, "return exactA\n", "return exactB\n"},
	{"nothing is exact", environment, "b != \"\" && !strings.HasSuffix(b, \"*\")", "!strings.HasSuffix(b, \"*\")"},
	{"package matches what begins with its name", environment, "strings.CutSuffix(pattern, \"*\"); ok {\n\t\treturn strings.HasPrefix(service, prefix)", "strings.CutSuffix(pattern, \"*\"); ok {\n\t\treturn strings.HasPrefix(service, strings.TrimSuffix(prefix, \".\"))"},
	{"package matches its own services only", environment, "return strings.HasPrefix(service, prefix)", "return strings.HasPrefix(service, prefix) && !strings.Contains(service[len(prefix):], \".\")"},
	{"service matches what begins with its name", environment, "return pattern == service", "return strings.HasPrefix(service, pattern)"},
	{"* for services with a package only", environment, "if p == \"*\" {\n\t\treturn true", "if p == \"*\" {\n\t\treturn false"},
	{"empty label is a name", environment, "if label == \"\" || ", "if "},
	{"underscore is no name", environment, "r != '_' && ", ""},
	{"digit is no name", environment, "'0' <= r && r <= '9' || ", ""},
	{"upper case is no name", environment, " || 'A' <= r && r <= 'Z'", ""},
	{"lower case is no name", environment, " || 'a' <= r && r <= 'z'", ""},
	{"0 is no name", environment, "'0' <= r", "'0' < r"},
	{"9 is no name", environment, "r <= '9'", "r < '9'"},
	{"a is no name", environment, "'a' <= r", "'a' < r"},
	{"z is no name", environment, "r <= 'z'", "r < 'z'"},
	{"A is no name", environment, "'A' <= r", "'A' < r"},
	{"Z is no name", environment, "r <= 'Z'", "r < 'Z'"},
	{"error without the variable", environment, "environment variable %s: entry %q: %w\", Variable, entry, err", "entry %q: %w\", entry, err"},
	// Who wins.
	{"constructor wins over the call", precedence, "[]*string{s.Call, s.Constructor}", "[]*string{s.Constructor, s.Call}"},
	{"call may not ask for the channel", precedence, "if host != nil {", "if host != nil && *host != \"\" {"},
	{"method wins over the environment", precedence, "s.Environment, s.Method,", "s.Method, s.Environment,"},
	{"service wins over the method", precedence, "s.Method, s.Service,", "s.Service, s.Method,"},
	{"default_host wins over the service", precedence, "s.Service, s.DefaultHost,", "s.DefaultHost, s.Service,"},
	{"parameter wins over the file", precedence, "s.FileTemplate, s.Parameter}", "s.Parameter, s.FileTemplate}"},
	{"file forgotten", precedence, "s.DefaultHost, s.FileTemplate, s.Parameter}", "s.DefaultHost, \"\", s.Parameter}"},
	{"parameter forgotten", precedence, "s.FileTemplate, s.Parameter}", "s.FileTemplate}"},
	{"wrong one is said to have won", precedence, "return host, Environment + Source(i)", "return host, Method + Source(i)"},
	{"call is said to have won", precedence, "return *host, Call + Source(i)", "return *host, Call + Source(0*i)"},
	{"nobody is said to be the parameter", precedence, "return \"\", Channel", "return \"\", Parameter"},
}
