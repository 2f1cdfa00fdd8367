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
//	                          per target
//	upstream=ADDRESS          the address of the services: [https://]HOST:PORT. It may have
//	                          the placeholders of host_template. With https:// the
//	                          certificate is verified; without it, the protocol is h2c.
//	                          Once per instance; ;weight=N (1 to 256) at the end sets its
//	                          share of the calls
//	upstream.NAME=ADDRESS     the same for one service or method, by its full name
//	host_upstream.HOST=ADDRESS  the destination of a host's calls to other services:
//	                          needed if its services have several upstreams
//	upstream_ca=FILE          verify the certificates of upstreams with FILE, instead of
//	                          the certificate authorities of the system
//	health_check=INTERVAL     check the health of each instance, by grpc.health.v1.Health,
//	                          at this interval, such as 10s
//	listen=[IP]:PORT          where the proxy listens: :8080 or, with TLS, :8443
//	certificate=FILE,key=FILE TLS for clients
//	nginx_version=1.26        for nginx 1.25.1 and later, the default; 1.22 for older ones
//	entrypoint=NAME           an entry point of Traefik; once per entry point; by default
//	                          Traefik's own defaults
//
// For Kubernetes:
//
//	namespace=NAME            the namespace of the generated objects
//	gateway=[NAMESPACE/]NAME  the Gateway that routes belong to; for Istio's sidecars mesh,
//	                          for Linkerd the Service that is called
//	gateway_class=CLASS       the controller of gateway-api: envoy-gateway, traefik, linkerd
//	                          or, to use only the specification, standard
//	tls_secret=NAME           the Secret with the certificate for clients
//	upstream_ca_configmap=NAME
//	                          the ConfigMap to verify the certificates of upstreams with
//
// Like those of protoc-gen-gohost; use the same values for both plugins:
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
