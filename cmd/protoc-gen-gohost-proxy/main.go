// Command protoc-gen-gohost-proxy is a plugin of protoc and buf. It writes the
// configuration of a reverse proxy from the hosts that .proto files declare, so
// that a proxy routes to what clients call.
//
// With buf, in buf.gen.yaml:
//
//	plugins:
//	  - local: protoc-gen-gohost-proxy
//	    out: deploy
//	    strategy: all
//	    opt: [target=nginx, "upstream={service}:50051"]
//
// With protoc, in one call for all files:
//
//	protoc --gohost-proxy_out=deploy \
//	    --gohost-proxy_opt='target=nginx,upstream={service}:50051' square.proto feed.proto
//
// buf needs strategy: all. Without it the plugin sees one folder at a time, and the
// routes of all folders but one are lost. Each output names the files whose routes it
// has.
//
// It writes one file for each target, into the folder itself. The output
// depends only on the .proto files and the parameters, not on the order of the
// files. A file needs no go_package.
//
// Parameters, separated by commas:
//
//	target=TARGET             traefik (writes traefik.yaml), nginx (nginx.conf), haproxy
//	                          (haproxy.cfg), caddy (Caddyfile), envoy (envoy.yaml),
//	                          gateway-api (gateway-api.yaml) or istio (istio.yaml); once
//	                          for each that is wanted
//	upstream=ADDRESS          where the services are: [https://]HOST:PORT, in which
//	                          {service}, {service_short}, {package} and {package_dashed}
//	                          stand for what they do in a host template. Without https://
//	                          it is h2c; with it, the certificate is checked. Once for
//	                          each instance, which may end in ;weight=N (1 to 256), its
//	                          share of the calls
//	upstream.NAME=ADDRESS     the same for one service or method, by its full name
//	host_upstream.HOST=ADDRESS  where calls of a host go that are of none of its services:
//	                          needed where these have several upstreams
//	upstream_ca=FILE          what the certificates of upstreams are checked with, instead
//	                          of the certificate authorities of the system
//	health_check=INTERVAL     ask each instance for its health, by grpc.health.v1.Health,
//	                          such as every 10s
//	listen=[IP]:PORT          where the proxy listens: :8080 or, with TLS, :8443
//	certificate=FILE,key=FILE TLS for clients
//	nginx_version=1.26        for nginx 1.25.1 and later, as by default; 1.22 for older ones
//	entrypoint=NAME           an entry point of Traefik; once for each, none for its defaults
//
// For Kubernetes:
//
//	namespace=NAME            of the objects that are written
//	gateway=[NAMESPACE/]NAME  the Gateway that routes belong to; for Istio's sidecars mesh,
//	                          for Linkerd the Service that is called
//	gateway_class=CLASS       the controller of gateway-api: envoy-gateway, traefik, linkerd
//	                          or, for what keeps to the specification, standard
//	tls_secret=NAME           the Secret with the certificate for clients
//	upstream_ca_configmap=NAME
//	                          what the certificates of upstreams are checked with
//
// As for protoc-gen-gohost, and best the same for both plugins:
//
//	host_template, default_host
package main

import (
	"os"

	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

func main() {
	command := protocplugin.Command{Name: proxy.Name, Usage: usage, Generate: proxy.Generate}
	os.Exit(command.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
