/* The one error idiom: everything that can fail returns cb_status and says why in the caller's struct cb_err.
 */
#ifndef CB_RESULT_H
#define CB_RESULT_H

/* A struct and not an int, so that `if (f())`, `int r = f()` and an ignored call do not compile. */
typedef struct {
    int v_;
} cb_status;

#define CB_MUST         __attribute__((warn_unused_result)) cb_status
#define CB_OK           ((cb_status){ 0 })
#define CB_FAIL         ((cb_status){ 1 })

/* True when the call failed: for the few places that act on a failure instead of passing it on. */
#define CB_FAILED(expr) ((expr).v_ != 0)

/* The macros that hide control flow; there are no others. `err` is the caller's struct cb_err *. */
#define CB_TRY(expr)                                                                                         \
    do {                                                                                                     \
        if ((expr).v_ != 0)                                                                                  \
            return CB_FAIL;                                                                                  \
    } while (0)
#define CB_ENSURE(cond, code, ...)                                                                           \
    do {                                                                                                     \
        if (!(cond))                                                                                         \
            CB_REFUSE(code, __VA_ARGS__);                                                                    \
    } while (0)
/* The constant behind the call lets a reader, and an analyser, see that this path always fails. */
#define CB_REFUSE(code, ...)                                                                                 \
    do {                                                                                                     \
        cb_err_set(err, (code), __FILE__, __LINE__, __VA_ARGS__);                                            \
        return CB_FAIL;                                                                                      \
    } while (0)
/* OpenSSL says 1 for success and has three ways to say no. */
#define CB_TRY_OSSL(call, what) CB_ENSURE((call) == 1, CB_E_CRYPTO, "%s", (what))

/* Cleanup by scope; CB_TAKE hands the pointer on and leaves NULL behind. */
#define CB_AUTO(fn)             __attribute__((cleanup(fn)))
#define CB_TAKE(p)                                                                                           \
    __extension__({                                                                                          \
        __typeof__(p) taken_ = (p);                                                                          \
        (p) = NULL;                                                                                          \
        taken_;                                                                                              \
    })

#endif
