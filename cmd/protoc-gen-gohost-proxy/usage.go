package main

const usage = `protoc-gen-gohost-proxy is a plugin of protoc and buf: they start it and send it
a request on standard input. It writes the configuration of a reverse
proxy from the hosts that .proto files declare.

With buf, in buf.gen.yaml:

  plugins:
    - local: protoc-gen-gohost-proxy
      out: deploy
      strategy: all
      opt: [target=nginx, "upstream={service}:50051"]

WITHOUT strategy: all, buf starts the plugin once for each folder, and the routes of
all folders but one are LOST. The header of each output names its source files.

With protoc:

  protoc --gohost-proxy_out=deploy \
      --gohost-proxy_opt='target=nginx,upstream={service}:50051' square.proto feed.proto

Parameters:
  target=TARGET               traefik, traefik-crd, traefik-labels, nginx, ingress-nginx,
                              haproxy, caddy, envoy, gateway-api or istio; once per
                              target
  upstream=ADDRESS            where services are: [https://]HOST:PORT, with {service},
                              {service_short}, {package} and {package_dashed}; once per
                              instance, optionally with ;weight=N for its share
  upstream.NAME=ADDRESS       the same for one service or method
  host_upstream.HOST=ADDRESS  the same for the other calls of a host
  upstream_ca=FILE            verify the certificates of upstreams with this file
  health_check=INTERVAL       check the health of each instance by gRPC, such as 10s
  listen=[IP]:PORT            where the proxy listens
  certificate=FILE,key=FILE   TLS for clients
  nginx_version=VERSION       1.26 (nginx 1.25.1 and later, by default) or 1.22 (older)
  entrypoint=NAME             an entry point of Traefik; once per entry point
  namespace=NAME              the namespace of the objects in Kubernetes
  gateway=[NAMESPACE/]NAME    the Gateway that routes belong to; for Istio's sidecars mesh,
                              for Linkerd the Service that is called
  gateway_class=CLASS         standard, envoy-gateway, traefik or linkerd
  tls_secret=NAME             the certificate for clients, in Kubernetes
  upstream_ca_configmap=NAME  the same as upstream_ca, in Kubernetes
  host_template, default_host like those of protoc-gen-gohost

Flags:
  --help     print this
  --version  print the version
`
