//! The program.

/// Gives memory back that nobody uses any more: after papers and rushes at the door (`docs/decisions/0026-memory-comes-back.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    kith::cli::main()
}
