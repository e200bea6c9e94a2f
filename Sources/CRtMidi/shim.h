#include <rtmidi/rtmidi_c.h>
