// Package doctest only holds tests of the documents: their code blocks compile
// or run, their links lead somewhere, and their lists are complete.
//
// A block is checked by its language:
//
//   - go is type-checked. A fragment is completed by the imports and
//     declarations of testdata/given that it refers to. Errors that a fragment
//     cannot avoid, such as an unused variable, do not count. "…" stands for
//     what is left out.
//   - proto is compiled, a fragment within a file, service or method, and gives
//     output of protoc-gen-gohost.
//   - sh is checked line by line: commands, targets and folders exist. So are the
//     lines of console that begin with "$ "; the others are output.
//   - python is parsed, by python3; see package needed.
//   - text is prose. A block of any other language, and each block that says
//     so, is part of a tested file, or TestTranscripts runs it.
//
// A comment above a block, which readers do not see, says what the block needs:
//
//	<!-- doctest: file=examples/square/main.go -->  the text stands in this file
//	<!-- doctest: given=migrating -->               complete it by testdata/given/migrating.go
//	<!-- doctest: module=gohostconnect -->          type-check it in this folder's module
//	<!-- doctest: run -->                           TestTranscripts, TestReadmeWorks or TestImportingWorks runs it
//	<!-- doctest: install -->                       TestReadmeWorks runs it before the blocks below
//	<!-- doctest: write=hello.proto -->             TestTranscripts writes it into this file
//
// A comment that is not above a block is for the rest of the page.
package doctest
