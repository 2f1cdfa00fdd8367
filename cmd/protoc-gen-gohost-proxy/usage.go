package main

const usage = `protoc-gen-gohost-proxy is a plugin of protoc and buf: they start it, and send it
what to generate on standard input. It writes the configuration of a reverse
proxy from the hosts that .proto files declare.

With buf, in buf.gen.yaml:

  plugins:
    - local: protoc-gen-gohost-proxy
      out: deploy
      strategy: all
      opt: [target=nginx, "upstream={service}:50051"]

WITHOUT strategy: all, buf starts the plugin once for each folder, and the routes of
all folders but one are LOST. The header of an output names the files it is made from.

With protoc:

  protoc --gohost-proxy_out=deploy \
      --gohost-proxy_opt='target=nginx,upstream={service}:50051' square.proto feed.proto

Parameters:
  target=TARGET               traefik, traefik-crd, traefik-labels, nginx, ingress-nginx,
                              haproxy, caddy, envoy, gateway-api or istio; once for
                              each that is wanted
  upstream=ADDRESS            where services are: [https://]HOST:PORT, with {service},
                              {service_short}, {package} and {package_dashed}; once for
                              each instance, with ;weight=N behind it for its share
  upstream.NAME=ADDRESS       the same for one service or method
  host_upstream.HOST=ADDRESS  the same for the other calls of a host
  upstream_ca=FILE            what certificates of upstreams are checked with
  health_check=INTERVAL       ask each instance for its health by gRPC, such as every 10s
  listen=[IP]:PORT            where the proxy listens
  certificate=FILE,key=FILE   TLS for clients
  nginx_version=VERSION       1.26 (nginx 1.25.1 and later, by default) or 1.22 (older)
  entrypoint=NAME             an entry point of Traefik; once for each
  namespace=NAME              of objects in Kubernetes
  gateway=[NAMESPACE/]NAME    the Gateway that routes belong to; for Istio's sidecars mesh,
                              for Linkerd the Service that is called
  gateway_class=CLASS         standard, envoy-gateway, traefik or linkerd
  tls_secret=NAME             the certificate for clients, in Kubernetes
  upstream_ca_configmap=NAME  what certificates of upstreams are checked with there
  host_template, default_host as for protoc-gen-gohost

Flags:
  --help     print this
  --version  print the version
`
