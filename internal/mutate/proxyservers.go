package main

const (
	proxyCaddy         = "generator/proxy/caddy.go"
	proxyCaddyfile     = "templates/proxy/Caddyfile.tmpl"
	proxyHAProxyCfg    = "templates/proxy/haproxy.cfg.tmpl"
	proxyHAProxyHealth = "generator/proxy/haproxyhealth.go"
	proxyNginx         = "generator/proxy/nginx.go"
	proxyNginxConf     = "templates/proxy/nginx.conf.tmpl"
	proxyTraefikHealth = "generator/proxy/traefikhealth.go"
	proxyTraefikYAML   = "templates/proxy/traefik.yaml.tmpl"
)

// proxyServerBugs are the bugs of nginx, HAProxy, Caddy and the file of Traefik.
var proxyServerBugs = []bug{
	{"Caddy: upper and lower case in paths", proxyCaddyfile, "path_regexp {{.PathRegexp}}", "path {{.Path}}*"},
	{"Caddy: the map is read for each host", proxyCaddyfile, "\tvars virtual_host {virtual_host} # otherwise each use evaluates the map\n", ""},
	{"Caddy: a weight means nothing", proxyCaddyfile, ".Upstream.Turns", ".Upstream.Servers"},
	{"Caddy: no answer for a dead backend", proxyCaddyfile, "handle_errors {", "handle /nowhere {"},
	{"Caddy: dot of a path matches everything", proxyCaddy, "regexp.QuoteMeta(r.Path())", "r.Path() + regexp.QuoteMeta(\"\")"},
	{"Caddy: path of a method is a prefix", proxyCaddy, "pattern += \"$\"", "pattern += \"\""},
	{"Caddy: weights not reduced", proxyCaddy, "range sum / divisor", "range sum"},
	{"Caddy: all turns of an instance together", proxyCaddy, "credits[next] -= sum", "credits[next] -= u.Servers[next].Weight"},
	{"nginx: no room for a long host", proxyNginx, "longest <= shortName", "true"},
	{"nginx: no room for many hosts", proxyNginx, "names <= fewNames", "true"},
	{"nginx: room for longer hosts only", proxyNginx, "40 //", "64 //"},
	{"nginx: room for one name in a bucket", proxyNginx, "8*(longest+others)", "longest+others"},
	{"nginx: as many buckets as names", proxyNginx, "4*names", "names"},
	{"nginx: a weight means nothing", proxyNginxConf, "{{with .Weight}} weight={{.}}{{end}}", ""},
	{"nginx: a page for a dead backend", proxyNginxConf, "\terror_page 500 502 503 504 = @unavailable;\n", ""},
	{"HAProxy: a weight means nothing", proxyHAProxyCfg, "{{with .Weight}} weight {{.}}{{end}}", ""},
	{"HAProxy: one instance is not checked", proxyHAProxyCfg, "{{if or $u.Several $.HealthCheck}} check", "{{if $u.Several}} check"},
	{"HAProxy: every answer is SERVING", proxyHAProxyCfg, "\ttcp-check expect min-recv 1 binary 00000000020801\n", ""},
	{"HAProxy: a name twice", proxyHAProxyCfg, "defaults gohost-defaults", "defaults gohost"},
	{"HAProxy: a length of HPACK in one byte", proxyHAProxyHealth, "if n < limit {", "if n <= limit {"},
	{"HAProxy: health check without TLS despite the scheme", proxyHAProxyHealth, "fields[1] = https", "fields[1] = http"},
	{"Traefik: a weight means nothing", proxyTraefikYAML, "            weight: {{.}}\n", ""},
	{"nginx and several names", proxyNginx, "errs := []error{oneCertificateName(target, c)}", "var errs []error"},
	{"nginx: a Unix socket", proxyNginx, "strings.EqualFold(s.Host, \"unix\")", "strings.EqualFold(s.Host, \"\")"},
	{"nginx: a Unix socket in upper case", proxyNginx, "strings.EqualFold(s.Host, \"unix\")", "strings.HasPrefix(s.Host+\":\", \"unix:\")"},
	{"Caddy: TLS to port 80", proxyCaddy, "case u.TLS && s.Port == httpPort:", "case false:"},
	{"Caddy: no TLS to port 443", proxyCaddy, "case !u.TLS && s.Port == httpsPort:", "case false:"},
	{"Caddy: TLS at port 80", proxyCaddy, "case c.Certificate != \"\" && port", "case false && port"},
	{"Caddy: no TLS at port 443", proxyCaddy, "case c.Certificate == \"\" && port", "case false && port"},
	{"Traefik: health check over TLS", proxyTraefikHealth, "c.HealthCheck > 0 && u.TLS", "false"},
	{"Traefik: TLS refused without health checks", proxyTraefikHealth, "c.HealthCheck > 0 && u.TLS", "u.TLS"},
}
