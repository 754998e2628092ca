import { ENGINE } from "../../../vite.site.config.ts";

export default ENGINE;
