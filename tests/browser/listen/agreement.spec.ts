import { agreeWithBinary } from '../support/agreement.js';

agreeWithBinary('cpu');
