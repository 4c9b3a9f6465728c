/* One public header, alone and twice, as the strictest user compiles it. */
#include HEADER
#include HEADER

/* Is the header C in C++ too? One name of it is used unless it has none. */
int main(void)
{
#ifdef CERTBOUND_VERIFIER_H
    return certbound_code_status(CERTBOUND_OK) == 200 ? 0 : 1;
#else
    return CERTBOUND_VERSION_NUM == 0 ? 1 : 0;
#endif
}
