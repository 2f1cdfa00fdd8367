package stub

// IsAtLeastVersion0_1_0 is used by generated code that needs this package in release
// 0.1.0 or later. With an older module the code does not compile, and the comment at its
// use says what to do. RELEASE.md says when a release adds a new constant.
const IsAtLeastVersion0_1_0 = true
