package main

const usage = `protoc-gen-gohost is a plugin of protoc and buf: they start it, and send it what
to generate on standard input. It writes typed gRPC stubs for Go, in which a
stream is a Go iterator and a service knows its host.

With buf, in buf.gen.yaml:

  plugins:
    - local: protoc-gen-gohost
      out: gen
      opt: paths=source_relative

With protoc:

  protoc --go_out=gen --gohost_out=gen --gohost_opt=paths=source_relative square.proto

Parameters: paths, module and MFILE=PATH, as of every Go plugin, and
  package_suffix=SUFFIX  write into a package of its own, in a sub-folder
  host_template=HOST     the host of services that declare none, such as
                         {service}.example; also {service_short} (without a final
                         -service), {package} and {package_dashed}
  default_host=ignore    do not take google.api.default_host for a declaration
  annotate_code          write beside each file what its declarations are for

Flags:
  --export-proto DIR  write gohost/v1/options.proto, which a .proto with a host
                      imports, below DIR
  --help              print this
  --version           print the version
`
