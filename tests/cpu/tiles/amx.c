/* Intel's AMX tiles on a CPU that has none: LD_PRELOAD this library, and AMX instructions run.

   torch is shown a CPU with AMX, and each tile instruction, which raises SIGILL here, is carried
   out by the handler of that signal. As on Linux 5.16 and later a process has to ask for the tiles
   first, with arch_prctl(ARCH_REQ_XCOMP_PERM, 18): without it the same instruction ends the process
   by SIGILL. The permission goes to forked processes and is lost at exec.

   oneDNN reads CPUID itself and sees the CPU as it is: it neither uses the tiles nor asks for them.

   Source of the semantics: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2,
   LDTILECFG to TILEZERO. FP16 and complex tiles are left out: vLLM's kernels use bfloat16 and int8.

       cc -O3 -march=native -shared -fPIC -I TORCH/include -o amx.so amx.c -ldl */

#define _GNU_SOURCE
#include <cpuinfo.h>
#include <dlfcn.h>
#include <errno.h>
#include <immintrin.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { GET_PERMISSION = 0x1022, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
enum { ROWS = 16, ROW_BYTES = 64 };

typedef union {
  uint8_t bytes[ROW_BYTES];
  float floats[ROW_BYTES / 4];
  int32_t ints[ROW_BYTES / 4];
} row_t;

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} config_t; /* the 64 bytes that LDTILECFG reads */

static volatile int permitted;
static struct sigaction chained;
static __thread config_t config;
static __thread row_t tiles[8][ROWS];

/* ---- what torch asks ------------------------------------------------------------------------ */

bool cpuinfo_initialize(void) {
  void *library = dlopen("libc10.so", RTLD_LAZY | RTLD_NOLOAD);
  bool (*original)(void) = library ? (bool (*)(void))dlsym(library, "cpuinfo_initialize") : NULL;
  struct cpuinfo_x86_isa *isa = library ? dlsym(library, "cpuinfo_isa") : NULL;
  if (!original || !isa || !original())
    return false;
  isa->amx_tile = isa->amx_bf16 = isa->amx_int8 = true;
  return true;
}

long syscall(long number, ...) {
  static long (*original)(long, ...);
  va_list list;
  long a[6];
  va_start(list, number);
  for (int i = 0; i < 6; i++)
    a[i] = va_arg(list, long);
  va_end(list);
  if (number == SYS_arch_prctl && a[0] == REQUEST_PERMISSION && a[1] == TILE_DATA) {
    permitted = 1;
    return 0;
  }
  if (number == SYS_arch_prctl && a[0] == GET_PERMISSION) {
    *(uint64_t *)a[1] = permitted ? 0x600e7 : 0xe7;
    return 0;
  }
  if (!original)
    original = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  return original(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- the instructions ----------------------------------------------------------------------- */

static void load_config(const uint8_t *from) {
  memcpy(&config, from, sizeof config);
  memset(tiles, 0, sizeof tiles);
}

static void release(void) {
  memset(&config, 0, sizeof config);
  memset(tiles, 0, sizeof tiles);
}

static void load(int tile, const uint8_t *from, int64_t stride) {
  memset(tiles[tile], 0, sizeof tiles[tile]);
  for (int m = 0; m < config.rows[tile]; m++)
    memcpy(tiles[tile][m].bytes, from + m * stride, config.row_bytes[tile]);
}

static void store(int tile, uint8_t *to, int64_t stride) {
  for (int m = 0; m < config.rows[tile]; m++)
    memcpy(to + m * stride, tiles[tile][m].bytes, config.row_bytes[tile]);
}

static float bfloat16(uint32_t bits) {
  float value;
  bits <<= 16;
  memcpy(&value, &bits, 4);
  return value;
}

/* c (m, n) += a (m, 2k) b (2k, n): even and odd products are summed apart, in fp32 */
static void multiply_bfloat16(int c, int a, int b) {
  int columns = config.row_bytes[c] / 4, pairs = config.row_bytes[a] / 4;
  _mm_setcsr(0x9fc0); /* round to nearest, denormals are zero, no exceptions */
  for (int m = 0; m < config.rows[c]; m++) {
    float even[ROW_BYTES / 4] = {0}, odd[ROW_BYTES / 4] = {0};
    for (int k = 0; k < pairs; k++) {
      uint32_t left = (uint32_t)tiles[a][m].ints[k];
      float first = bfloat16(left & 0xffff), second = bfloat16(left >> 16);
      for (int n = 0; n < columns; n++) {
        uint32_t right = (uint32_t)tiles[b][k].ints[n];
        even[n] = __builtin_fmaf(first, bfloat16(right & 0xffff), even[n]);
        odd[n] = __builtin_fmaf(second, bfloat16(right >> 16), odd[n]);
      }
    }
    for (int n = 0; n < columns; n++)
      tiles[c][m].floats[n] += even[n] + odd[n];
  }
  memset(&tiles[c][config.rows[c]], 0, (ROWS - config.rows[c]) * sizeof(row_t));
}

/* c (m, n) += a (m, 4k) b (4k, n), bytes with or without a sign */
static void multiply_bytes(int c, int a, int b, int a_signed, int b_signed) {
  int columns = config.row_bytes[c] / 4, fours = config.row_bytes[a] / 4;
  for (int m = 0; m < config.rows[c]; m++)
    for (int k = 0; k < fours; k++)
      for (int n = 0; n < columns; n++)
        for (int i = 0; i < 4; i++) {
          uint8_t left = tiles[a][m].bytes[4 * k + i], right = tiles[b][k].bytes[4 * n + i];
          tiles[c][m].ints[n] += (a_signed ? (int8_t)left : left) * (b_signed ? (int8_t)right : right);
        }
  memset(&tiles[c][config.rows[c]], 0, (ROWS - config.rows[c]) * sizeof(row_t));
}

/* ---- decoding: VEX.128.pp.0F38.W0 opcode ModRM [SIB [displacement]] -------------------------- */

static const int REGISTERS[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                  REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                  REG_R12, REG_R13, REG_R14, REG_R15};

typedef struct {
  uint8_t *address; /* without the index */
  int64_t index;    /* scaled: the stride of a tile's rows */
  int bytes;        /* of ModRM, SIB and displacement */
} memory_t;

static memory_t memory_of(const uint8_t *modrm, int vex_b, int vex_x, const greg_t *registers) {
  memory_t found = {0, 0, 1};
  int mode = modrm[0] >> 6, base = modrm[0] & 7;
  int64_t address = 0;
  if (base == 4) {
    int index = modrm[1] >> 3 & 7 | vex_x << 3;
    if (index != 4)
      found.index = (int64_t)((uint64_t)registers[REGISTERS[index]] << (modrm[1] >> 6));
    base = modrm[1] & 7;
    found.bytes = 2;
  }
  const uint8_t *displacement = modrm + found.bytes;
  int32_t wide = 0;
  if (mode == 1)
    wide = (int8_t)displacement[0], found.bytes += 1;
  if (mode == 2 || (mode == 0 && base == 5))
    memcpy(&wide, displacement, 4), found.bytes += 4;
  if (!(mode == 0 && base == 5))
    address = registers[REGISTERS[base | vex_b << 3]];
  else if ((modrm[0] & 7) == 5) /* relative to the next instruction */
    address = (int64_t)(modrm + found.bytes);
  found.address = (uint8_t *)(address + wide);
  return found;
}

/* Carry out the instruction at `code`; return its length, or 0 if it is no tile instruction. */
static int carry_out(const uint8_t *code, const greg_t *registers) {
  if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || code[2] & 0x84)
    return 0;
  int pp = code[2] & 3, opcode = code[3], mode = code[4] >> 6; /* pp: none, 66, F3, F2 */
  int reg = code[4] >> 3 & 7, rm = code[4] & 7, vvvv = ~code[2] >> 3 & 15;
  if (opcode == 0x49 && mode == 3 && pp == 0)
    return release(), 5;
  if (opcode == 0x49 && mode == 3 && pp == 3)
    return memset(tiles[reg], 0, sizeof tiles[reg]), 5;
  if (mode == 3 && opcode == 0x5c && pp == 2)
    return multiply_bfloat16(reg, rm, vvvv), 5;
  if (mode == 3 && opcode == 0x5e)
    return multiply_bytes(reg, rm, vvvv, pp >= 2, pp == 3 || pp == 1), 5;
  if (mode == 3 || (opcode != 0x49 && opcode != 0x4b))
    return 0;
  memory_t at = memory_of(code + 4, !(code[1] & 0x20), !(code[1] & 0x40), registers);
  if (opcode == 0x49 && pp == 0)
    load_config(at.address);
  else if (opcode == 0x49 && pp == 1)
    memcpy(at.address, &config, sizeof config);
  else if (opcode == 0x4b && (pp == 3 || pp == 1))
    load(reg, at.address, at.index);
  else if (opcode == 0x4b && pp == 2)
    store(reg, at.address, at.index);
  else
    return 0;
  return 4 + at.bytes;
}

/* ---- the signal ----------------------------------------------------------------------------- */

static int (*real_sigaction)(int, const struct sigaction *, struct sigaction *);

static void on_illegal(int number, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const greg_t start = registers[REG_RIP];
  int length;
  /* Tile instructions that follow one another take one signal: most of the time goes to these. */
  while (permitted && (length = carry_out((uint8_t *)registers[REG_RIP], registers)))
    registers[REG_RIP] += length;
  if (registers[REG_RIP] != start) {
    return;
  } else if (chained.sa_flags & SA_SIGINFO) {
    chained.sa_sigaction(number, info, context);
  } else if (chained.sa_handler != SIG_DFL && chained.sa_handler != SIG_IGN) {
    chained.sa_handler(number);
  } else { /* the same instruction ends the process as it would have */
    struct sigaction plain = {.sa_handler = SIG_DFL};
    real_sigaction(SIGILL, &plain, NULL);
  }
}

static void install(void) {
  if (real_sigaction)
    return;
  real_sigaction = (int (*)(int, const struct sigaction *, struct sigaction *))dlsym(
      RTLD_NEXT, "sigaction");
  struct sigaction ours = {.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO | SA_NODEFER};
  real_sigaction(SIGILL, &ours, &chained);
}

__attribute__((constructor)) static void start(void) { install(); }

/* Others' handlers of SIGILL (faulthandler's, Ray's) come after ours. */
int sigaction(int number, const struct sigaction *next, struct sigaction *before) {
  install();
  if (number != SIGILL)
    return real_sigaction(number, next, before);
  if (before)
    *before = chained;
  if (next)
    chained = *next;
  return 0;
}
