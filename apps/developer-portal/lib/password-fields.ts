import { newPassword } from "@openhouse/web/form-fields";

/** A new password, typed twice. */
export const PASSWORD_SHAPE = { password: newPassword, again: newPassword };

export const NOT_THE_SAME = { again: "This is not what stands above." };
