package main

const (
	rootAccept      = "accept.go"
	rootConn        = "conn.go"
	rootEnvironment = "environment.go"
	rootGuard       = "guard.go"
	rootCredentials = "credentials.go"
	rootAuthInfo    = "authinfo.go"
	rootDispatch    = "dispatch.go"
	rootHostCheck   = "hostcheck.go"
	rootIncoming    = "incoming.go"
	rootMux         = "mux.go"
	rootNotServed   = "notserved.go"
	rootService     = "service.go"
	implementation  = "internal/implementation/check.go"
	privateError    = "internal/private/error.go"
	privatePublic   = "internal/private/public.go"
)

// rootBugs are bugs of package gohost, and of packages that only it uses: each is found
// by the tests of its own package.
var rootBugs = []bug{
	// Hosts that are declared.
	{"methods' own hosts are not mounted", rootService, "\tfor _, m := range s.MethodHosts {\n\t\tadd(m.Host)\n\t}\n", ""},
	{"methods' own hosts are not accepted", rootService, "host == s.Host || host == own", "host == s.Host"},
	{"aliases are not accepted", rootService, " || matchesAny(s.Aliases, host)", ""},
	{"a host is mounted as often as it is declared", rootService, "if !seen[host] {", "if host != \"\" {"},
	{"a method's host makes the service refuse", rootService, "own == \"\" && s.Host == \"\"", "len(s.MethodHosts) == 0 && s.Host == \"\""},
	// What a server does with the host of a call.
	{"HostCheck forgets the method", rootHostCheck, "service.Accepts(method, authority)", "service.Accepts(\"\", authority)"},
	{"HostCheck forgets the additional hosts", rootHostCheck, " || c.accepts(authority)", ""},
	{"HostCheck does not look at streams", rootHostCheck, "if err := c.check(ss.Context(), info.FullMethod); err != nil {", "if err := c.check(ss.Context(), \"\"); err != nil {"},
	{"no default logger", rootHostCheck, "logger = slog.Default()", "logger = nil"},
	{"mode CheckOff is mode CheckLog", rootHostCheck, "if c.mode == CheckOff {", "if false {"},
	{"mode CheckLog is mode CheckEnforce", rootHostCheck, "if c.mode == CheckEnforce {", "if true {"},
	{"an unknown mode is accepted", rootHostCheck, "if mode < CheckOff || mode > CheckEnforce {", "if false {"},
	{"WithLogger is forgotten", rootHostCheck, "\tc.logger = o.logger\n", "\tc.logger = c.logger\n"},
	{"only the hosts of the last option", rootAccept, "*hosts = append(*hosts, patterns...)", "*hosts = patterns"},
	{"an invalid host is accepted", rootAccept, "\treturn err\n", "\t_ = err\n\treturn nil\n"},
	{"a long authority is not cut", rootNotServed, "if len(authority) > enough {", "if false {"},
	{"an authority that is not UTF-8 is not cleaned", rootNotServed, "\tauthority = strings.ToValidUTF8(authority, \"\\uFFFD\")\n", "\t_ = strings.ToValidUTF8\n"},
	{"HostFromContext is the raw authority", rootIncoming, "return hostname.Normalize(authorityOf(ctx))", "_ = hostname.Normalize; return authorityOf(ctx)"},
	// Mux.
	{"the exact host does not win", rootDispatch, "if m := s.byHost[host]; m != nil {", "if m := s.byHost[host]; m != nil && s.byHost[anyHost] == nil {"},
	{"no default in addition to wildcards", rootDispatch, "!below {\n\t\t\treturn s.byHost[anyHost]", "!below {\n\t\t\treturn nil"},
	{"the choice is made twice", rootDispatch, "\tif chosen {", "\tif chosen && false {"},
	{"interceptors see the Mux", rootDispatch, "\tif !ok {\n\t\treturn handler(srv, ss)", "\tif ok || !ok {\n\t\treturn handler(srv, ss)"},
	{"two sets of methods count as equal", rootDispatch, "if !maps.Equal(kindsOf(first), kindsOf(desc)) {", "if false && maps.Equal(kindsOf(first), kindsOf(desc)) {"},
	{"the last claim to a host wins", rootMux, "if other := service.byHost[host]; other != nil {", "if other := service.byHost[host]; false {"},
	{"a Mux accepts any implementation", rootMux, "if err := implementation.Check(desc, impl); err != nil {", "if err := implementation.Check(desc, impl); false {"},
	{"a Mux accepts a late service", rootMux, "if m.mounted {", "if false {"},
	{"a failed Mount forbids registrations", rootMux, "\tif err := errors.Join(m.errs...); err != nil {", "\tm.mounted = true\n\tif err := errors.Join(m.errs...); err != nil {"},
	{"a VirtualHost tells of other hosts' services", rootMux, "s.choose(v.hosts[0]) != nil", "true"},
	{"an invalid host is mounted", rootMux, "\t\tm.errs = append(m.errs, err)\n\t\tpatterns = nil", "\t\tpatterns = nil"},
	// Conn and the guards.
	{"Conn writes into the options of a call", rootConn, "append(append(all, c.opts...), opts...)", "append(opts, append(all, c.opts...)...)"},
	{"Conn forgets its options", rootConn, "append(append(all, c.opts...), opts...)", "append(append(all, c.opts[:0]...), opts...)"},
	{"the options of Conn win over the call's", rootConn, "append(append(all, c.opts...), opts...)", "append(append(all, opts...), c.opts...)"},
	{"Conn does not clone its options", rootConn, "slices.Clone(opts)", "slices.Clip(opts)"},
	{"the view's host wins over the call's", rootConn, "if authority != nil && *authority != \"\" {", "if authority != nil && c.host == \"\" {"},
	{"the view's host is not checked", rootConn, "grpc.CallAuthority(c.host)), checkSent(c.host)", "grpc.CallAuthority(c.host)), nil"},
	{"the host is in the status", rootConn, "Public: errInvalidHost", "Public: local"},
	{"the host is not in the text", rootConn, "Local: local.Error()", "Local: errInvalidHost.Error() + local.Error()[:0]"},
	{"a guard lets an invalid host pass", rootGuard, "authority != nil {", "authority != nil && false {"},
	{"a guard lets a host in the metadata pass", rootGuard, "if len(md[key]) > 0 {", "if len(md[key]) > 1 {"},
	{"a guard does not check streams", rootGuard, "return nil, err\n\t}\n\treturn streamer", "_ = err\n\t}\n\treturn streamer"},
	// CheckEnvironment.
	{"CheckEnvironment ignores the services of the program", rootEnvironment, "if len(services) == 0 {", "if false {"},
	{"CheckEnvironment always uses the whole program", rootEnvironment, "if len(services) == 0 {", "if true {"},
	// Credentials.
	{"the inner credentials are not cloned", rootCredentials, "c.TransportCredentials.Clone()", "c.TransportCredentials"},
	{"a clone has no hosts", rootCredentials, "slices.Clone(c.hosts)", "slices.Clone(c.hosts[:0])"},
	{"UsesXDS is hidden", rootCredentials, "return ok && inner.UsesXDS()", "return ok && inner == nil"},
	{"UsesXDS is claimed", rootCredentials, "return ok && inner.UsesXDS()", "return ok || inner != nil"},
	{"nil credentials are accepted", rootCredentials, "if creds == nil {", "if false {"},
	{"an invalid host is accepted by Credentials", rootCredentials, "\tif err := errors.Join(errs...); err != nil {\n\t\treturn nil, fmt.Errorf(\"gohost.Credentials", "\tif err := errors.Join(errs...); false {\n\t\treturn nil, fmt.Errorf(\"gohost.Credentials"},
	{"any host is accepted", rootAuthInfo, "if matchesAny(i.hosts, hostname.Normalize(authority)) {", "if true || matchesAny(i.hosts, hostname.Normalize(authority)) {"},
	{"a nil AuthInfo is asked for its type", rootAuthInfo, "if i.AuthInfo == nil {", "if false {"},
	{"a nil AuthInfo counts as a secure connection", rootAuthInfo, "if inner == nil {", "if false {"},
	{"PrivacyAndIntegrity for a nil AuthInfo", rootAuthInfo, "SecurityLevel: credentials.NoSecurity", "SecurityLevel: credentials.PrivacyAndIntegrity"},
	{"PrivacyAndIntegrity without any level", rootAuthInfo, "\t\treturn securedInfo{info, security}\n\t}\n\treturn info", "\t\treturn securedInfo{info, security}\n\t}\n\treturn securedInfo{info, credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}"},
	{"the level of security is hidden", rootAuthInfo, "\t\treturn securedInfo{info, security}", "\t\t_ = security"},
	{"channelz gets nothing", rootAuthInfo, "return inner.GetSecurityValue()", "_ = inner"},
	// What is refused at registration.
	{"a nil implementation is accepted", implementation, "if impl == nil {", "if false {"},
	{"a nil pointer is accepted", implementation, "if impl.IsNil() {", "if false {"},
	{"an implementation without methods is accepted", implementation, "!t.Implements(c.service)", "false"},
	{"Unimplemented by a nil pointer is accepted", implementation, "isPointer && embedded.IsNil()", "false"},
	{"Unimplemented behind a nil pointer is accepted", implementation, "if err != nil || isPointer", "if err == nil && isPointer"},
	{"any Unimplemented is checked", implementation, "t.PkgPath() == c.service.PkgPath() && t.Name() == \"Unimplemented\"+c.service.Name()", "len(t.Name()) > 13 && t.Name()[:13] == \"Unimplemented\""},
	{"a field that is not embedded is checked", implementation, "if !field.Anonymous {", "if false {"},
	{"decorators are not checked", implementation, "field.Type == c.service && err == nil", "false && err == nil"},
	{"a nil interface is refused", implementation, "err == nil && !embedded.IsNil()", "err == nil"},
	{"decorators in a circle", implementation, "if c.seen[impl.Pointer()] {", "if false {"},
	// What does not leave the process.
	{"a private error is its own status", privateError, "return status.Convert(Public(e.Public))", "return status.Convert(e.Public)"},
	{"a private error hides the public one", privateError, "Unwrap() error { return e.Public }", "Unwrap() error { return nil }"},
	{"joined errors are not checked", privatePublic, "\t\t\tcollect(err, found)", "\t\t\t_ = err"},
	{"wrapped errors are not checked", privatePublic, "\t\tcollect(e.Unwrap(), found)", "\t\t_ = e"},
	{"overlapping texts are cleaned in the wrong order", privatePublic, "len(b.Error()), len(a.Error())", "len(a.Error()), len(b.Error())"},
	{"the public text is not cleaned", privatePublic, "Public(e.public()).Error())", "e.public().Error())"},
	{"an empty text is replaced", privatePublic, "local != \"\" {", "true {"},
	{"the status is not cleaned", privatePublic, "\tp.Message = message\n", ""},
	{"the text is not cleaned", privatePublic, "func (e publicError) Error() string { return e.text }", "func (e publicError) Error() string { return e.error.Error() }"},
	{"the error itself is lost", privatePublic, "{ return e.error }", "{ return nil }"},
}
