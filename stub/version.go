package stub

// IsAtLeastVersion0_1_0 is referred to by generated code that needs what release
// 0.1.0 of this package brought. Where the module is older than that, the code
// does not compile, and the comment at the reference says what to do. RELEASE.md
// says when a release brings a new constant.
const IsAtLeastVersion0_1_0 = true
